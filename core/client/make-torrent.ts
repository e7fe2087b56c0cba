import { randomBytes } from "node:crypto"
import { access, constants, stat } from "node:fs/promises"
import { basename, dirname } from "node:path"
import { displayText } from "../display.js"
import { CommandError, errnoOf } from "../errors.js"
import type { FileIdentity } from "../store/file-identity.js"
import { createTorrent } from "../torrent/create-torrent.js"
import { SECRET_BYTES } from "../torrent/parse-torrent.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { writeTorrentFile } from "../torrent/torrent-on-disk.js"
import type { HashJobs } from "./hash-jobs.js"
import type { Workshop } from "./workshop.js"

export interface MakeTorrentRequest {
  readonly filePath: string
  readonly torrentPath: string
  /** An open document, else a private one. */
  readonly open: boolean
  readonly workshop: Workshop
  readonly jobs: HashJobs
  readonly signal: AbortSignal | undefined
}

/**
 * Hashes a file, registers it with the tracker, and writes its torrent file, in this order: hashing is what takes long and
 * what may fail, and a document is only registered when there is something to share.
 */
export async function makeTorrent(request: MakeTorrentRequest): Promise<{ torrent: Torrent; identity: FileIdentity }> {
  const { filePath, torrentPath, open, workshop, jobs, signal } = request
  await refuseBadTarget(filePath, torrentPath)
  const job = jobs.begin(displayText(basename(filePath), 200))
  try {
    const { torrent, identity } = await createTorrent({
      filePath,
      // The uuid is not part of what is hashed; it comes from the tracker when the hashing is done.
      hash: "",
      name: basename(filePath),
      hasher: workshop.disk.hasher,
      onProgress: ({ doneBytes, totalBytes }) => job.progress(doneBytes, totalBytes),
      ...(!open && { secret: new Uint8Array(randomBytes(SECRET_BYTES)) }),
      ...(signal && { signal }),
    })
    const registered = { ...torrent, hash: await workshop.tracker.register(signal) }
    await writeTorrentFile(torrentPath, registered)
    return { torrent: registered, identity }
  } finally {
    job.end()
  }
}

/** What would only fail after minutes of hashing is found out before. */
async function refuseBadTarget(filePath: string, torrentPath: string): Promise<void> {
  if (filePath === torrentPath)
    throw new CommandError("bad_path", `${torrentPath}: the torrent file would replace the very file it describes`)
  const folder = dirname(torrentPath)
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new CommandError("not_writable", `${folder}: can't be written (${errnoOf(cause) ?? "unknown error"})`, {
      cause,
    })
  })
  const target = await stat(torrentPath).catch(() => undefined)
  if (target !== undefined && !target.isFile())
    throw new CommandError("target_exists", `${torrentPath}: there is something that is no regular file`)
}
