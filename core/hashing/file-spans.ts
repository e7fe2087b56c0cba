import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs"
import { errnoOf } from "../base/errors.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { FolderStats } from "./folder-stats.js"
import { below, Folders, folderOf } from "./folders.js"

/** Runs of bytes in files below one folder, in the order of the document. Plain arrays, so that it travels to a worker thread. */
export interface FileSpans {
  /** Absolute path of the folder. */
  readonly root: string
  /** Below `root`, with "/"; "" stands for padding: zeros that are in no file; ASIDE for `aside`. */
  readonly paths: readonly string[]
  /** Absolute path of the file beside `root` that holds bytes of unwanted files at their offsets in the document. */
  readonly aside?: string | undefined
  /** Bytes: where each run begins in its file, and how long it is. */
  readonly offsets: readonly number[]
  readonly lengths: readonly number[]
  /** Indices into `paths` of files that are made executable when they are created. */
  readonly executables: readonly number[]
  /** True while the folder grows: links in it are not followed. A finished folder belongs to the user, who may use links. */
  readonly isGrowing: boolean
}

/** Stands for the file beside the folder; no file of a document has this path. */
const ASIDE = "/"

/** Bytes of unwanted files in parts that they share with wanted files. */
export interface Aside {
  /** Absolute. */
  readonly path: string
  has(fileIndex: number): boolean
}

/** A folder on disk that holds a document. */
export interface FolderSource {
  readonly layout: FolderLayout
  /** Absolute path. */
  readonly root: string
  /** True while it is not complete: no link in it is followed. */
  readonly isGrowing: boolean
  /** By default every file is below the root. */
  readonly aside?: Aside | undefined
}

/** The files that hold the document's bytes [offset, offset + length). */
export function fileSpansOf(source: FolderSource, offset: number, length: number): FileSpans {
  const { layout, root, isGrowing, aside } = source
  const [executables, paths, offsets, lengths]: [number[], string[], number[], number[]] = [[], [], [], []]
  for (const { fileIndex, fileOffset, length: count } of layout.spans(offset, length)) {
    const isAside = aside?.has(fileIndex) === true
    // Neighbours that are kept aside are neighbours there too: one run for all of them.
    if (isAside && paths.at(-1) === ASIDE) {
      lengths[lengths.length - 1] = (lengths.at(-1) ?? 0) + count
      continue
    }
    if (!isAside && layout.isExecutable(fileIndex)) executables.push(paths.length)
    paths.push(isAside ? ASIDE : layout.isPadding(fileIndex) ? "" : layout.path(fileIndex))
    offsets.push(isAside ? layout.offsetOf(fileIndex) + fileOffset : fileOffset)
    lengths.push(count)
  }
  return { root, paths, aside: aside?.path, offsets, lengths, executables, isGrowing }
}

const FILE_MODE = 0o666
const EXECUTABLE_MODE = 0o777
const ASIDE_MODE = 0o600

/** Error codes of a path without a regular file; other errors are those of the disk. */
const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "EISDIR"])

/**
 * Writes `bytes` to the runs, in order; files and folders that are missing are created. Bytes of padding are dropped.
 * @throws the system error; ELOOP where a link stands in a file's or folder's place.
 */
export function writeSpans(spans: FileSpans, bytes: Uint8Array): void {
  const folders = new Folders(spans.root)
  const executables = new Set(spans.executables)
  let done = 0
  for (const [index, path] of spans.paths.entries()) {
    const length = spans.lengths[index] ?? 0
    const run = bytes.subarray(done, done + length)
    done += length
    if (path === "") continue
    const mode = executables.has(index) ? EXECUTABLE_MODE : FILE_MODE
    const fd = path === ASIDE ? openToWriteAside(spans) : openToWrite(folders, path, mode)
    try {
      writeAll(fd, run, spans.offsets[index] ?? 0)
    } catch (error) {
      throw withPath(error, placeOf(spans, path))
    } finally {
      closeSync(fd)
    }
  }
}

/**
 * Reads the runs in order and passes their bytes on, at most `buffer.length` at a time. Undefined stands for `count` bytes of a missing or
 * too short file. @throws the system error of a file that exists.
 */
export function readSpans(
  spans: FileSpans,
  buffer: Uint8Array,
  take: (bytes: Uint8Array | undefined, count: number) => void,
): void {
  const folders = spans.isGrowing ? new Folders(spans.root) : undefined
  for (const [index, path] of spans.paths.entries()) {
    const length = spans.lengths[index] ?? 0
    if (path === "") {
      takeZeros(length, buffer, take)
      continue
    }
    try {
      takeFile(openToRead(spans, folders, path), { offset: spans.offsets[index] ?? 0, length }, buffer, take)
    } catch (error) {
      throw withPath(error, placeOf(spans, path))
    }
  }
}

/**
 * Fills `target`, which is as long as all runs. The attributes of the files after that, a row per run, with the row of a missing file for
 * padding; undefined where a file is missing or shorter. @throws the system error of a file that exists.
 */
export function readSpansInto(spans: FileSpans, target: Uint8Array): FolderStats | undefined {
  const folders = spans.isGrowing ? new Folders(spans.root) : undefined
  const seen = FolderStats.absent(spans.paths.length)
  let done = 0
  for (const [index, path] of spans.paths.entries()) {
    const length = spans.lengths[index] ?? 0
    const run = target.subarray(done, done + length)
    done += length
    if (path === "") {
      run.fill(0)
      continue
    }
    const stats = readRun(spans, folders, { path, offset: spans.offsets[index] ?? 0 }, run)
    if (stats === undefined) return undefined
    seen.set(index, stats)
  }
  return seen
}

function readRun(
  spans: FileSpans,
  folders: Folders | undefined,
  { path, offset }: { readonly path: string; readonly offset: number },
  run: Uint8Array,
) {
  let fd: number | undefined
  try {
    fd = openToRead(spans, folders, path)
    if (fd === undefined) return undefined
    for (let done = 0; done < run.length; ) {
      const count = readSync(fd, run, done, run.length - done, offset + done)
      if (count === 0) return undefined
      done += count
    }
    // After the bytes: while the file looks as it did, they are those that it had.
    return fstatSync(fd)
  } catch (error) {
    throw withPath(error, placeOf(spans, path))
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function takeZeros(length: number, buffer: Uint8Array, take: (bytes: Uint8Array, count: number) => void): void {
  for (let left = length; left > 0; ) {
    const count = Math.min(left, buffer.length)
    take(buffer.subarray(0, count).fill(0), count)
    left -= count
  }
}

function takeFile(
  fd: number | undefined,
  { offset, length }: { readonly offset: number; readonly length: number },
  buffer: Uint8Array,
  take: (bytes: Uint8Array | undefined, count: number) => void,
): void {
  let done = 0
  try {
    while (fd !== undefined && done < length) {
      const count = readSync(fd, buffer, 0, Math.min(buffer.length, length - done), offset + done)
      if (count === 0) break
      take(buffer.subarray(0, count), count)
      done += count
    }
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
  if (done < length) take(undefined, length - done)
}

/** Undefined where no regular file is. */
function openToRead(spans: FileSpans, folders: Folders | undefined, path: string): number | undefined {
  try {
    if (path !== ASIDE) folders?.require(folderOf(path))
    const noFollow = folders || path === ASIDE ? constants.O_NOFOLLOW : 0
    // Without O_NONBLOCK, opening a fifo would block until a writer opens it.
    return openSync(placeOf(spans, path), constants.O_RDONLY | constants.O_NONBLOCK | noFollow)
  } catch (error) {
    if (ABSENT.has(errnoOf(error) ?? "")) return undefined
    throw error
  }
}

function placeOf({ root, aside }: FileSpans, path: string): string {
  return path === ASIDE && aside !== undefined ? aside : below(root, path)
}

/** Readable by its owner alone: it is no file of the user's, and may be of a private document. */
function openToWriteAside(spans: FileSpans): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK
  return openSync(placeOf(spans, ASIDE), flags, ASIDE_MODE)
}

function openToWrite(folders: Folders, path: string, mode: number): number {
  folders.make(folderOf(path))
  return openSync(
    below(folders.root, path),
    constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    mode,
  )
}

/** A write to a nearly full disk may be short without an error; the next call then fails with ENOSPC. */
export function writeAll(fd: number, bytes: Uint8Array, fileOffset: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, fileOffset + done)
}

/** Calls on descriptors don't know the name of their file. */
function withPath(error: unknown, path: string): unknown {
  return error instanceof Error && errnoOf(error) !== undefined ? Object.assign(error, { path }) : error
}
