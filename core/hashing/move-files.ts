import { closeSync, constants, openSync, readSync, renameSync } from "node:fs"
import { join } from "node:path"
import { writeAll } from "./file-spans.js"
import { below, Folders, folderOf } from "./folders.js"

/** New files with bytes of another one. */
export interface FilesToDraft {
  /** Absolute. No link in its place is followed. */
  readonly from: string
  /** Absolute path of the folder that they are made in. */
  readonly drafts: string
  readonly names: readonly string[]
  /** Indices into `names` of files that are executable. */
  readonly executables: readonly number[]
  /** Per run of bytes four numbers: index into `names`, offset in `from`, offset in the new file, length. In the order of `names`. */
  readonly runs: readonly number[]
}

/** Drafts that get their place below a growing folder. */
export interface FilesToPlace {
  readonly root: string
  readonly drafts: string
  readonly names: readonly string[]
  /** Below `root`, one for each of `names`. */
  readonly paths: readonly string[]
}

const COPY_BYTES = 256 * 1024
const COLUMNS = 4
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const NEW_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** What `from` lacks stays a hole. @throws the system error. */
export function draftFiles({ from, drafts, names, executables, runs }: FilesToDraft): void {
  const isExecutable = new Set(executables)
  const buffer = new Uint8Array(COPY_BYTES)
  const source = openSync(from, READ_FLAGS)
  try {
    let at = 0
    for (const [index, name] of names.entries()) {
      const target = openSync(join(drafts, name), NEW_FLAGS, isExecutable.has(index) ? 0o777 : 0o666)
      try {
        for (; runs[at] === index; at += COLUMNS) copyRun(source, target, runs.slice(at + 1, at + COLUMNS), buffer)
      } finally {
        closeSync(target)
      }
    }
  } finally {
    closeSync(source)
  }
}

function copyRun(source: number, target: number, [from = 0, to = 0, length = 0]: number[], buffer: Uint8Array): void {
  for (let done = 0; done < length; ) {
    const count = readSync(source, buffer, 0, Math.min(buffer.length, length - done), from + done)
    if (count === 0) return
    writeAll(target, buffer.subarray(0, count), to + done)
    done += count
  }
}

/** Makes the folders that are missing. @throws the system error; ELOOP where a link stands in a folder's place. */
export function placeFiles({ root, drafts, names, paths }: FilesToPlace): void {
  const folders = new Folders(root)
  for (const [index, path] of paths.entries()) {
    folders.make(folderOf(path))
    renameSync(join(drafts, names[index] ?? ""), below(root, path))
  }
}
