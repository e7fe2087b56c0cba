import { randomBytes, randomUUID } from "node:crypto"
import type { Stats } from "node:fs"
import { access, constants, lstat, stat } from "node:fs/promises"
import { basename, dirname } from "node:path"
import { displayText } from "../base/display.js"
import { reasonOf } from "../base/errno-words.js"
import { CommandError, P2pError, TrackerError } from "../base/errors.js"
import { oneByOne } from "../base/steps.js"
import type { ClientResources } from "../document/client-resources.js"
import { shareableTrackers } from "../document/shareable.js"
import { wrappedHasher } from "../hashing/wrapped-hasher.js"
import { type CreatedFolderTorrent, createFolderTorrent } from "../store/create-folder-torrent.js"
import { createTorrent } from "../store/create-torrent.js"
import { unreadable } from "../store/disk-errors.js"
import { type FileIdentity, identityOf, sameIdentity } from "../store/file-identity.js"
import { readTorrentFile, writeTorrentFile } from "../store/torrent-on-disk.js"
import { hashingInfo } from "../torrent/info-hash.js"
import { SECRET_BYTES } from "../torrent/parse-torrent.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { requireOutside } from "./require-outside.js"
import type { JobHandle } from "./upload-jobs.js"

export interface MakeTorrentRequest {
  /** A file or a folder. */
  readonly filePath: string
  readonly torrentPath: string
  /** An open document, else a private one. */
  readonly open: boolean
  readonly resources: ClientResources
  /** Before it is hashed, by its name. */
  readonly beginJob: (name: string) => JobHandle
  readonly signal: AbortSignal | undefined
}

export interface MadeTorrent {
  readonly torrent: Torrent
  readonly identity: FileIdentity
  /** False: `torrentPath` was there and describes this very file; nothing was registered or written. */
  readonly isNew: boolean
  /** Folders in the folder that hold nothing: they are not carried. */
  readonly emptyFolders: number
  /** Of the tracker that was started for uploads; undefined where there is none. */
  readonly trackerPort: number | undefined
}

/**
 * Hashes a file or folder, registers it with the tracker, and writes its torrent file, in this order: hashing takes longest and is most
 * likely to fail, and a document is only registered when there is something to share. A file at `torrentPath` is never replaced: holders
 * of the first torrent file of a document could not download with it any more. When it describes this very document, it is used.
 * @throws CommandError "target_exists", "bad_path", "not_writable", and as `createTorrent` and `createFolderTorrent`.
 */
export async function makeTorrent(request: MakeTorrentRequest): Promise<MadeTorrent> {
  const { torrentPath, resources } = request
  const source = await sourceOf(request)
  const existing = await existingTorrent(request, source)
  if (existing !== undefined) {
    const same = await again(request, source, existing)
    return { ...same, trackerPort: await resources.trackerForUploads() }
  }
  await requireWritable(dirname(torrentPath))
  const { torrent, identity, emptyFolders } = await hash(request, source, newFields(request))
  const trackerPort = await resources.trackerForUploads()
  const trackers = shareableTrackers(resources)
  const registered = { ...torrent, hash: await register(request), ...(trackers.length > 0 && { trackers }) }
  // Here in steps: asked for later, it is computed it at once.
  await oneByOne(hashingInfo(registered))
  await writeTorrentFile(torrentPath, registered, resources.drafts)
  return { torrent: registered, identity, isNew: true, emptyFolders, trackerPort }
}

/** The file or folder to share, links followed. */
async function sourceOf({ filePath, torrentPath, resources }: MakeTorrentRequest): Promise<Stats> {
  const source = await stat(filePath).catch((cause: unknown) => {
    throw unreadable(filePath, cause)
  })
  if (source.isDirectory()) await requireOutside(filePath, torrentPath, resources.stateFolder)
  return source
}

/** An existing torrent file is used again if it describes this document. */
async function again(
  request: MakeTorrentRequest,
  source: Stats,
  existing: Torrent,
): Promise<Omit<MadeTorrent, "trackerPort">> {
  const verified = request.resources.library.get(existing.hash)?.identity
  const same = { torrent: existing, isNew: false }
  if (!source.isDirectory() && verified && sameIdentity(verified, await identityOf(request.filePath)))
    return { ...same, identity: verified, emptyFolders: 0 }
  const made = await hash(request, source, existing, verified).catch((error: unknown) => {
    throw error instanceof CommandError && error.code === "other_torrent" ? describesAnother(request) : error
  })
  if (Buffer.compare(made.torrent.partDigests, existing.partDigests) !== 0) throw describesAnother(request)
  return { ...same, identity: made.identity, emptyFolders: made.emptyFolders }
}

/** Without a tracker, and while it is away, the document gets an id of our own: it is registered under that as soon as it is announced. */
async function register({ filePath, resources, signal }: MakeTorrentRequest): Promise<string> {
  if (resources.tracker.isNone) return randomUUID()
  try {
    return await resources.tracker.register(signal)
  } catch (error) {
    const isAway = error instanceof TrackerError && (error.status === undefined || error.code === "busy")
    if (!isAway || error.code === "bad_answer" || signal?.aborted === true) throw error
    const message = `${filePath} is shared, but others find it only when the tracker answers: ${error.message}`
    resources.onEvent({ level: "warn", name: "not_registered_yet", message })
    return randomUUID()
  }
}

function newFields({ filePath, open }: MakeTorrentRequest): Partial<Torrent> {
  return { name: basename(filePath), ...(!open && { secret: new Uint8Array(randomBytes(SECRET_BYTES)) }) }
}

/** `like`: the fields that the torrent shares with an existing one, or those of a new one. */
async function hash(
  request: MakeTorrentRequest,
  source: Stats,
  like: Partial<Torrent>,
  verified?: FileIdentity,
): Promise<CreatedFolderTorrent> {
  const { filePath, resources, signal } = request
  const { name, secret, partSizeBytes, files, partDigests } = like
  const job = request.beginJob(displayText(basename(filePath), 200))
  const ending = AbortSignal.any([job.signal, ...(signal ? [signal] : [])])
  const { hasher } = resources.disk
  const options = {
    // The uuid is not part of the hashed data; the tracker assigns it after the hashing.
    hash: "",
    hasher: wrappedHasher(hasher, { hashParts: (range) => job.untilOn(ending).then(() => hasher.hashParts(range)) }),
    onProgress: job.progress,
    ...(name !== undefined && { name }),
    ...(secret && { secret }),
    ...(partSizeBytes !== undefined && { partSizeBytes }),
    signal: ending,
  }
  const existing = partSizeBytes && files && partDigests && { partSizeBytes, files, partDigests, verified }
  try {
    const created = source.isDirectory()
      ? await createFolderTorrent({ ...options, folderPath: filePath, ...(existing && { existing }) })
      : { ...(await createTorrent({ ...options, filePath })), emptyFolders: 0 }
    // Cancelled during the last slice.
    ending.throwIfAborted()
    return created
  } finally {
    job.end()
  }
}

/** Errors that would only show after minutes of hashing are found before: an existing torrent file must describe this file, in the same mode. */
async function existingTorrent(request: MakeTorrentRequest, source: Stats): Promise<Torrent | undefined> {
  const { torrentPath, open } = request
  if ((await lstat(torrentPath).catch(() => undefined)) === undefined) return undefined
  const target = await stat(torrentPath).catch(() => undefined)
  if (target && source.dev === target.dev && source.ino === target.ino)
    throw new CommandError("bad_path", `${torrentPath}: the torrent file would replace the very file it describes`)
  const torrent = await readTorrentFile(torrentPath).catch((error: unknown) => {
    if (error instanceof P2pError) return undefined
    throw error
  })
  if (!torrent) throw inTheWay(torrentPath, "there is a file of that name")
  if ((torrent.files !== undefined) !== source.isDirectory()) throw describesAnother(request)
  if (source.isFile() && torrent.sizeBytes !== source.size) throw describesAnother(request)
  if ((torrent.secret === undefined) !== open) {
    const kind = open ? "a private" : "an open"
    throw inTheWay(torrentPath, `there is the torrent file of ${kind} document`)
  }
  return torrent
}

async function requireWritable(folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new CommandError("not_writable", `${folder}: can't be written: ${reasonOf(cause)}`, { cause })
  })
}

function describesAnother({ filePath, torrentPath }: MakeTorrentRequest): CommandError {
  return inTheWay(torrentPath, `there is a torrent file of that name, which does not describe ${filePath} as it is now`)
}

function inTheWay(path: string, what: string): CommandError {
  return new CommandError(
    "target_exists",
    `${path}: ${what}; nothing is replaced: give another name for the torrent file`,
  )
}
