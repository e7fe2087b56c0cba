import { randomBytes, randomUUID } from "node:crypto"
import { access, constants, lstat, stat } from "node:fs/promises"
import { basename, dirname } from "node:path"
import { displayText } from "../base/display.js"
import { reasonOf } from "../base/errno-words.js"
import { CommandError, P2pError, TrackerError } from "../base/errors.js"
import type { ClientResources } from "../document/client-resources.js"
import { createTorrent } from "../store/create-torrent.js"
import { unreadable } from "../store/disk-errors.js"
import { type FileIdentity, identityOf, sameIdentity } from "../store/file-identity.js"
import { readTorrentFile, writeTorrentFile } from "../store/torrent-on-disk.js"
import { SECRET_BYTES } from "../torrent/parse-torrent.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { UploadJobs } from "./upload-jobs.js"

export interface MakeTorrentRequest {
  readonly filePath: string
  readonly torrentPath: string
  /** An open document, else a private one. */
  readonly open: boolean
  readonly resources: ClientResources
  readonly jobs: UploadJobs
  readonly signal: AbortSignal | undefined
}

export interface MadeTorrent {
  readonly torrent: Torrent
  readonly identity: FileIdentity
  /** False: `torrentPath` was there and describes this very file; nothing was registered or written. */
  readonly isNew: boolean
}

/**
 * Hashes a file, registers it with the tracker, and writes its torrent file, in this order: hashing is what takes long and
 * what may fail, and a document is only registered when there is something to share. What is at `torrentPath` is never replaced: whoever
 * got the first torrent file of a document could not fetch by it any more. When it describes this very file, it is the one that counts.
 * @throws CommandError "target_exists", "bad_path", "not_writable", and as `createTorrent`.
 */
export async function makeTorrent(request: MakeTorrentRequest): Promise<MadeTorrent> {
  const { filePath, torrentPath, resources } = request
  const existing = await existingTorrent(request)
  if (existing === undefined) {
    await requireWritable(dirname(torrentPath))
    const { torrent, identity } = await hash(request, newFields(request))
    const registered = { ...torrent, hash: await register(request) }
    await writeTorrentFile(torrentPath, registered, resources.drafts)
    return { torrent: registered, identity, isNew: true }
  }
  const verified = resources.library.get(existing.hash)?.identity
  const identity = await identityOf(filePath)
  if (verified && sameIdentity(verified, identity)) return { torrent: existing, identity, isNew: false }
  const made = await hash(request, existing)
  if (Buffer.compare(made.torrent.partDigests, existing.partDigests) !== 0) throw describesAnother(request)
  return { torrent: existing, identity: made.identity, isNew: false }
}

/** While the tracker is away the document gets an id of our own: it is registered under that as soon as it is announced. */
async function register({ filePath, resources, signal }: MakeTorrentRequest): Promise<string> {
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

type HashedFields = Partial<Pick<Torrent, "name" | "secret" | "partSizeBytes">>

function newFields({ filePath, open }: MakeTorrentRequest): HashedFields {
  return { name: basename(filePath), ...(!open && { secret: new Uint8Array(randomBytes(SECRET_BYTES)) }) }
}

async function hash(request: MakeTorrentRequest, { name, secret, partSizeBytes }: HashedFields) {
  const { filePath, resources, jobs, signal } = request
  const job = jobs.begin(displayText(basename(filePath), 200))
  try {
    return await createTorrent({
      filePath,
      // The uuid is not part of what is hashed; it comes from the tracker when the hashing is done.
      hash: "",
      hasher: resources.disk.hasher,
      onProgress: ({ doneBytes, totalBytes }) => job.progress(doneBytes, totalBytes),
      ...(name !== undefined && { name }),
      ...(secret && { secret }),
      ...(partSizeBytes !== undefined && { partSizeBytes }),
      signal: AbortSignal.any([job.signal, ...(signal ? [signal] : [])]),
    })
  } finally {
    job.end()
  }
}

/** What would only fail after minutes of hashing is found out before: a torrent file that is there must be one of this file, of the same kind. */
async function existingTorrent(request: MakeTorrentRequest): Promise<Torrent | undefined> {
  const { filePath, torrentPath, open } = request
  if ((await lstat(torrentPath).catch(() => undefined)) === undefined) return undefined
  const file = await stat(filePath).catch((cause: unknown) => {
    throw unreadable(filePath, cause)
  })
  const target = await stat(torrentPath).catch(() => undefined)
  if (target && file.dev === target.dev && file.ino === target.ino)
    throw new CommandError("bad_path", `${torrentPath}: the torrent file would replace the very file it describes`)
  const torrent = await readTorrentFile(torrentPath).catch((error: unknown) => {
    if (error instanceof P2pError) return undefined
    throw error
  })
  if (!torrent) throw inTheWay(torrentPath, "there is a file of that name")
  if (torrent.sizeBytes !== file.size) throw describesAnother(request)
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
