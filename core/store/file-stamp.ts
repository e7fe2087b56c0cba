import type { BigIntStats } from "node:fs"

/**
 * The attributes that change with a write, an edit, a copy or a replacement of a file by any tool: `cp -a` and `touch -r` restore the time
 * of the last write, but not that of the last change; a new file may get the inode number of a deleted one, but not its birth time. Two
 * writes within one tick of the file system's clock look alike: 1 ns to 4 ms on Linux file systems, 10 ms on exFAT, 2 s on FAT.
 */
export interface FileStamp {
  readonly sizeBytes: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  /** Where a file system has no birth time, zero or the time of the last change (node:fs). */
  readonly birthtimeNs: bigint
  /** Unsigned, 64 bits. The device number is left out: it changes between boots. */
  readonly inode: bigint
}

export function stampOf(stats: BigIntStats): FileStamp {
  const { size, mtimeNs, ctimeNs, birthtimeNs, ino } = stats
  return { sizeBytes: size, mtimeNs, ctimeNs, birthtimeNs, inode: BigInt.asUintN(64, ino) }
}

/** True when the file was neither written to nor replaced. */
export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return isSameFile(a, b) && a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs
}

/** True when both are stamps of one file, whatever was written to it. */
export function isSameFile(a: FileStamp, b: FileStamp): boolean {
  return a.inode === b.inode && a.birthtimeNs === b.birthtimeNs
}
