import { randomUUID } from "node:crypto"
import { basename } from "node:path"
import type { CommandOptions, UploadRequest, UploadResult } from "../api/client-api.js"
import type { JobSnapshot } from "../api/snapshot.js"
import { P2pError } from "../base/errors.js"
import { untilAborted } from "../base/until-aborted.js"
import type { ClientResources } from "../document/client-resources.js"
import { linkTo } from "../document/link-of.js"
import type { UploadEntry } from "../library/upload-entry.js"
import { resolveFileOrFolder, resolveSourcePath } from "../library/user-path.js"
import { formatLink } from "../torrent/link.js"
import { safeFileName } from "../torrent/safe-name.js"
import { makeTorrent } from "../upload/make-torrent.js"
import { UploadJobs } from "../upload/upload-jobs.js"
import type { DocumentShelf } from "./document-shelf.js"

export interface UploadsParts {
  readonly resources: ClientResources
  readonly shelf: DocumentShelf
  readonly serviceFolder: string
  /** Aborted as the client is closed: what is hashed then goes on at the next start. */
  readonly leaving: AbortSignal
}

/** Uploads of one client. One that is being hashed is remembered, until it is shared, refused or cancelled. */
export class Uploads {
  readonly #parts: UploadsParts
  readonly #jobs: UploadJobs
  /** Under way, also those whose caller does not wait any more: the disk is closed after them. */
  readonly #running = new Map<string, Promise<UploadResult>>()

  constructor(parts: UploadsParts) {
    this.#parts = parts
    this.#jobs = new UploadJobs(parts.resources.clock, () => parts.resources.changed())
  }

  /** Hashes and shares. What is under way already, as since the start of the client, is waited for. `signal` ends the wait, not the work. */
  upload(request: UploadRequest, { signal }: CommandOptions = {}): Promise<UploadResult> {
    const { leaving } = this.#parts
    const ending = AbortSignal.any([leaving, ...(signal ? [signal] : [])])
    return untilAborted(async () => {
      const entry = await this.#entryOf(request)
      // `ended` waits for those that run as the client is closed.
      leaving.throwIfAborted()
      return this.#run(entry)
    }, ending)
  }

  /** Goes on with what was hashed when the last run ended. Nothing waits for it: an event says how it ends. */
  takeUp(): void {
    const { resources, leaving } = this.#parts
    for (const entry of resources.library.uploads()) {
      void this.#run(entry).catch((error: unknown) => {
        if (leaving.aborted) return
        if (!(error instanceof P2pError)) throw error
        const message = `${entry.file} is not shared, as it was to be since the last run: ${error.message}`
        resources.onEvent({ level: "warn", name: "upload_failed", message })
      })
    }
  }

  cancel(jobId: string): void {
    this.#jobs.cancel(jobId)
  }

  /** False when there is no job of this id. */
  pause(jobId: string, isPaused: boolean): boolean {
    return this.#jobs.pause(jobId, isPaused)
  }

  snapshot(): JobSnapshot[] {
    return this.#jobs.snapshot()
  }

  /** Settles when each has reported its outcome to its caller. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#running.values())
  }

  async #entryOf({ file: typed, torrent, open }: UploadRequest): Promise<UploadEntry> {
    const { serviceFolder } = this.#parts
    const file = await resolveSourcePath(serviceFolder, typed)
    const name = `${safeFileName(basename(file))}.torrent.json`
    const torrentPath = await resolveFileOrFolder(serviceFolder, torrent ?? name, name)
    return { id: randomUUID(), file, torrent: torrentPath, open: open === true, paused: false }
  }

  async #run(entry: UploadEntry): Promise<UploadResult> {
    const key = JSON.stringify([entry.file, entry.torrent, entry.open])
    const running = this.#running.get(key)
    if (running !== undefined) return running
    const work = this.#upload(entry)
    this.#running.set(key, work)
    try {
      return await work
    } finally {
      this.#running.delete(key)
    }
  }

  async #upload(entry: UploadEntry): Promise<UploadResult> {
    const { resources, shelf, leaving } = this.#parts
    const { file: filePath, torrent: torrentPath, open } = entry
    try {
      const made = await makeTorrent({
        filePath,
        torrentPath,
        open,
        resources,
        signal: leaving,
        beginJob: this.#beginJob(entry),
      })
      const { torrent, identity, isNew, emptyFolders, trackerPort } = made
      const document = await shelf.share(torrent, { torrentPath, filePath }, identity)
      if (trackerPort !== undefined) resources.library.update(torrent.hash, { trackerPort })
      document.event("info", "upload_completed", `${filePath} is shared; its torrent file is ${torrentPath}`)
      const link = formatLink(linkTo(document, resources))
      return { id: torrent.hash, torrentPath, open: torrent.secret === undefined, isNew, emptyFolders, link }
    } finally {
      if (!leaving.aborted) resources.library.deleteUpload(entry.id)
    }
  }

  /** What is refused before it is hashed is not remembered. */
  #beginJob(entry: UploadEntry): (name: string) => ReturnType<UploadJobs["begin"]> {
    const { library } = this.#parts.resources
    return (name) => {
      library.putUpload(entry)
      const onPause = (paused: boolean) => library.putUpload({ ...entry, paused })
      return this.#jobs.begin(name, entry.file, { isPaused: entry.paused, onPause })
    }
  }
}
