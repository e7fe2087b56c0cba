import { createHash } from "node:crypto"
import { lstatSync, type Stats, statSync } from "node:fs"
import { errnoOf } from "../base/errors.js"
import { atOnce, type Steps } from "../base/steps.js"

/** Numbers of one file: size, time of the last write, time of the last change (ms), inode. */
const COLUMNS = 4

/** Rows that are hashed by one call. Our choice. */
const ROWS_AT_ONCE = 1_024

/** Numbers of the rows that are made or hashed in one step. Our choice: some milliseconds. */
const ROWS_IN_STEP = 16_384 * COLUMNS

/** A missing file, or one that is not regular. */
const ABSENT_BYTES = -1

/**
 * The attributes of a folder's files: one row per file, in the requested order. Numbers of Node's `Stats`: times to about 0.2 µs, which
 * change with every write on a local file system.
 */
export class FolderStats {
  readonly #rows: Float64Array

  constructor(rows: Float64Array) {
    this.#rows = rows
  }

  /** Rows of zeros, to be taken from other looks. */
  static of(fileCount: number): FolderStats {
    return new FolderStats(new Float64Array(fileCount * COLUMNS))
  }

  /** Rows of missing files. */
  static absent(fileCount: number): FolderStats {
    return atOnce(FolderStats.makingAbsent(fileCount))
  }

  /** The same in steps. */
  static *makingAbsent(fileCount: number): Steps<FolderStats> {
    const rows = new Float64Array(fileCount * COLUMNS)
    for (let at = 0; at < rows.length; at += COLUMNS) {
      rows[at] = ABSENT_BYTES
      if (at % ROWS_IN_STEP === ROWS_IN_STEP - COLUMNS) yield
    }
    return new FolderStats(rows)
  }

  /** Replaces the rows from `fromFile` on by all rows of another look. */
  take(fromFile: number, rows: FolderStats): void {
    this.#rows.set(rows.#rows, fromFile * COLUMNS)
  }

  get fileCount(): number {
    return this.#rows.length / COLUMNS
  }

  /** Bytes, or -1 where no regular file is. */
  sizeOf(fileIndex: number): number {
    return this.#rows[fileIndex * COLUMNS] ?? ABSENT_BYTES
  }

  /** Newest change time of a file, ms; 0 without any. */
  latestChangeMs(): number {
    let latest = 0
    for (let at = 0; at < this.#rows.length; at += COLUMNS)
      if (this.#rows[at] !== ABSENT_BYTES) latest = Math.max(latest, this.#rows[at + 2] ?? 0)
    return latest
  }

  /** True when the file looks as it did: size, last write and inode; a chmod or another hard link is no change of it. */
  isSame(fileIndex: number, stats: Stats): boolean {
    const [sizeBytes, mtimeMs, , inode] = rowOf(stats)
    const at = fileIndex * COLUMNS
    return this.#rows[at] === sizeBytes && this.#rows[at + 1] === mtimeMs && this.#rows[at + 3] === inode
  }

  /** As `isSame`, with row `row` of another look. */
  isSameRow(fileIndex: number, look: FolderStats, row: number): boolean {
    const [at, other, rows, others] = [fileIndex * COLUMNS, row * COLUMNS, this.#rows, look.#rows]
    return rows[at] === others[other] && rows[at + 1] === others[other + 1] && rows[at + 3] === others[other + 3]
  }

  /** Replaces the row of one file. */
  set(fileIndex: number, stats: Stats): void {
    this.#rows.set(rowOf(stats), fileIndex * COLUMNS)
  }

  /** The rows, for another thread. */
  get bytes(): Uint8Array {
    return bytesOf(this.#rows)
  }

  /** From `bytes`. */
  static from(bytes: Uint8Array): FolderStats {
    return new FolderStats(new Float64Array(Uint8Array.from(bytes).buffer))
  }

  /** Digests over all files, hex, 32 digits: of the attributes that the content may depend on, and of the change times. */
  digests(): { readonly content: string; readonly changes: string } {
    return atOnce(this.digesting())
  }

  /** The same in steps. */
  *digesting(): Steps<{ readonly content: string; readonly changes: string }> {
    return { content: yield* this.#digestOf([0, 1, 3]), changes: yield* this.#digestOf([2]) }
  }

  /** Over these columns of each row, in this order. In batches, because a call to the hash costs more than a row. */
  *#digestOf(columns: readonly number[]): Steps<string> {
    const hash = createHash("sha256")
    const batch = new Float64Array(ROWS_AT_ONCE * columns.length)
    let used = 0
    for (let at = 0; at < this.#rows.length; at += COLUMNS) {
      if (at % ROWS_IN_STEP === ROWS_IN_STEP - COLUMNS) yield
      for (const column of columns) batch[used++] = this.#rows[at + column] ?? 0
      if (used < batch.length) continue
      hash.update(bytesOf(batch))
      used = 0
    }
    return hash
      .update(bytesOf(batch.subarray(0, used)))
      .digest("hex")
      .slice(0, 32)
  }
}

function bytesOf(numbers: Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}

function rowOf(stats: Stats): [number, number, number, number] {
  return [stats.isFile() ? stats.size : ABSENT_BYTES, stats.mtimeMs, stats.ctimeMs, stats.ino]
}

/** The rows of `FolderStats` as bytes; looks at every file, "" stands for none. @throws the system error of a folder that can't be looked into. */
export function folderStats(job: {
  readonly root: string
  readonly paths: readonly string[]
  readonly followLinks: boolean
}): Uint8Array {
  const rows = new Float64Array(job.paths.length * COLUMNS)
  const look = job.followLinks ? statSync : lstatSync
  for (const [index, path] of job.paths.entries()) {
    rows[index * COLUMNS] = ABSENT_BYTES
    if (path === "") continue
    try {
      // An exception for each of 300,000 files that are not there yet would take seconds.
      const stats = look(`${job.root}/${path}`, { throwIfNoEntry: false })
      if (stats) rows.set(rowOf(stats), index * COLUMNS)
    } catch (error) {
      if (errnoOf(error) !== "ELOOP") throw error
    }
  }
  return bytesOf(rows)
}
