import type { BigIntStats } from "node:fs"
import { stat } from "node:fs/promises"

/**
 * Evidence that a file is still the verified one. Plain JSON, so that it can be stored across runs (nanoseconds and inode numbers are
 * decimal text: they don't fit a number). The device number is left out: it changes between boots.
 */
export interface FileIdentity {
  readonly sizeBytes: number
  readonly mtimeNs: string
  readonly ctimeNs: string
  readonly inode: string
  /** Not every part was there, or a file was kept aside: the resume record beside the folder says which parts were verified. */
  readonly partial?: boolean | undefined
}

/** Identity of the file at `path`, links followed. Rejects with the system error (ENOENT …). */
export async function identityOf(path: string): Promise<FileIdentity> {
  return identityFromStats(await stat(path, { bigint: true }))
}

export function identityFromStats(stats: BigIntStats): FileIdentity {
  return {
    sizeBytes: Number(stats.size),
    mtimeNs: String(stats.mtimeNs),
    ctimeNs: String(stats.ctimeNs),
    inode: String(stats.ino),
  }
}

/** True when nothing can have changed, so that the file need not be hashed again. */
export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return sameContent(a, b) && a.ctimeNs === b.ctimeNs
}

/**
 * True when the content looks the same. The change time is not compared: a chmod or a new hard link (a backup program
 * makes them) moves it while a file is served, and is no reason to stop.
 */
export function sameContent(a: FileIdentity, b: FileIdentity): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && a.inode === b.inode
}
