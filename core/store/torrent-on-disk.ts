import { constants } from "node:fs"
import { type FileHandle, open, readFile, stat } from "node:fs/promises"
import { reasonOf } from "../base/errno-words.js"
import { CommandError, errnoOf, P2pError, TorrentFileError } from "../base/errors.js"
import { LATER, mapInPlaceOrAside } from "../base/in-place-or-aside.js"
import { atOnce, oneByOne } from "../base/steps.js"
import { hashingInfo } from "../torrent/info-hash.js"
import {
  findingRawInfo,
  hashingBytes,
  isMetainfo,
  MAX_METAINFO_BYTES,
  parseMetainfo,
  parsingMetainfo,
} from "../torrent/parse-metainfo.js"
import { MAX_TORRENT_FILE_BYTES, parseTorrent, parsingTorrent } from "../torrent/parse-torrent.js"
import { torrentText } from "../torrent/serialize-torrent.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { FileContent } from "./atomic-file.js"
import { unreadable } from "./disk-errors.js"
import type { DraftNotes } from "./draft-notes.js"
import { createFileAtomic } from "./new-file.js"
import { readSmallFile } from "./small-file.js"

/** Readable by the owner alone: the torrent file of a private document is its key. */
const PRIVATE_MODE = 0o600
const OPEN_MODE = 0o644

/**
 * Reads and checks a torrent file: ours, or a standard .torrent (BEP 3), distinguished by their first byte.
 * @throws CommandError "no_such_file", "not_a_file" or "not_readable"; TorrentFileError as `parseTorrent` and `parseMetainfo`.
 */
export async function readTorrentFile(path: string): Promise<Torrent> {
  const handle = await openToRead(path)
  try {
    const content = await readBounded(handle, path)
    if (isMetainfo(content)) return await oneByOne(parsingMetainfo(content))
    const torrent = await oneByOne(parsingTorrent(content))
    await oneByOne(hashingInfo(torrent))
    return torrent
  } catch (error) {
    throw error instanceof P2pError || errnoOf(error) === undefined ? error : unreadable(path, error)
  } finally {
    await handle.close()
  }
}

/** The same of many, each with its torrent or why it can't be used, in the order of the paths. Small ones are read at once, in slices. */
export function readTorrentFiles(paths: readonly string[]): Promise<(Torrent | P2pError)[]> {
  return mapInPlaceOrAside(paths, readSmallTorrent, readOrRefuse)
}

function readSmallTorrent(path: string): Torrent | P2pError | typeof LATER {
  try {
    const content = readSmallFile(path)
    if (content === undefined) return LATER
    if (isMetainfo(content)) return parseMetainfo(content)
    const torrent = parseTorrent(content)
    atOnce(hashingInfo(torrent))
    return torrent
  } catch (error) {
    if (error instanceof P2pError) return error
    if (errnoOf(error) !== undefined) return unreadable(path, error)
    throw error
  }
}

async function readOrRefuse(path: string): Promise<Torrent | P2pError> {
  try {
    return await readTorrentFile(path)
  } catch (error) {
    if (error instanceof P2pError) return error
    throw error
  }
}

/**
 * The info dictionary of a standard .torrent as it is in the file, for the info hash (Uint8Array, 20 bytes). Undefined when the file
 * can't be read, or holds another one.
 */
export async function readInfo(path: string, infoHash: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const handle = await openToRead(path)
    const content = await readBounded(handle, path).finally(() => handle.close())
    const info = await oneByOne(findingRawInfo(content))
    // A copy, so that the rest of the file is not kept.
    return Buffer.compare(await oneByOne(hashingBytes(info)), infoHash) === 0 ? info.slice() : undefined
  } catch (error) {
    if (error instanceof P2pError || errnoOf(error) !== undefined) return undefined
    throw error
  }
}

/**
 * Writes a torrent file completely or not at all, and never in place of an existing file.
 * @throws CommandError "target_exists", "not_writable".
 */
export async function writeTorrentFile(path: string, torrent: Torrent, notes?: DraftNotes): Promise<void> {
  await create(path, torrentText(torrent), torrent.secret ? PRIVATE_MODE : OPEN_MODE, notes)
}

/** Writes a standard .torrent file likewise; one that holds the same bytes already is left as it is. @throws as `writeTorrentFile`. */
export async function writeMetainfoFile(path: string, metainfo: Uint8Array, notes?: DraftNotes): Promise<void> {
  try {
    await create(path, metainfo, OPEN_MODE, notes)
  } catch (error) {
    if (!(error instanceof CommandError && error.code === "target_exists")) throw error
    if (!(await holds(path, metainfo))) throw error
  }
}

async function create(path: string, content: FileContent, mode: number, notes?: DraftNotes): Promise<void> {
  try {
    await createFileAtomic(path, content, mode, notes)
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    throw new CommandError("not_writable", `${path}: can't be written: ${reasonOf(cause)}`, { cause })
  }
}

async function holds(path: string, content: Uint8Array): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  if (!stats?.isFile() || stats.size !== content.length) return false
  return Buffer.compare(await readFile(path), content) === 0
}

async function openToRead(path: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK, opening a fifo would block until a writer opens it.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/** The size is checked before a byte is read, and again while reading, for a file that grows meanwhile. */
async function readBounded(handle: FileHandle, path: string): Promise<Uint8Array> {
  const stats = await handle.stat()
  if (!stats.isFile()) throw new CommandError("not_a_file", `${path}: not a regular file`)
  if (stats.size > MAX_METAINFO_BYTES)
    throw new TorrentFileError("(file)", `torrent file: ${stats.size} bytes, at most ${MAX_TORRENT_FILE_BYTES}`)
  const bytes = new Uint8Array(stats.size)
  let length = 0
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}
