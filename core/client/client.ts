import { join } from "node:path"
import { CommandError, P2pError } from "../errors.js"
import { infoHash } from "../torrent/info-hash.js"
import { encodeMetainfo } from "../torrent/metainfo.js"
import { preSharedKeyOf } from "../torrent/pre-shared-key.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { readTorrentFile, writeMetainfoFile } from "../torrent/torrent-on-disk.js"
import type {
  Client,
  CommandOptions,
  DownloadHandle,
  DownloadRequest,
  RemoveOptions,
  UploadRequest,
  UploadResult,
} from "./client-api.js"
import { viewClient } from "./client-view.js"
import { Document, type DocumentOptions } from "./document.js"
import { fileNameFor } from "./document-name.js"
import { viewDetail } from "./document-view.js"
import { findDocument } from "./find-document.js"
import { HashJobs } from "./hash-jobs.js"
import type { LibraryEntry } from "./library.js"
import { makeTorrent } from "./make-torrent.js"
import { scanService } from "./scan-service.js"
import type { ClientSnapshot, DocumentDetail, DocumentSnapshot } from "./snapshot.js"
import { untilAborted } from "./until-aborted.js"
import { resolveUserPath } from "./user-path.js"
import type { Workshop } from "./workshop.js"

/** Torrent files that are read side by side at the start: thousands at once would run out of descriptors. */
const OPENED_AT_ONCE = 16

/** What `openClient` has put together for a client to run on. */
export interface ClientParts {
  readonly workshop: Workshop
  readonly serviceFolder: string
  readonly listening: { readonly host: string; readonly port: number }
  /** Listeners of `onChange`, called by the workshop's `changed`. */
  readonly changeListeners: Set<() => void>
  /** Closes what was opened before the documents: listener, hasher, timers, lock. */
  closeParts(): Promise<void>
}

/** All documents of one client, and the commands on them. */
export class DocumentClient implements Client {
  readonly listening: { readonly host: string; readonly port: number }
  readonly #parts: ClientParts
  readonly #workshop: Workshop
  readonly #documents = new Map<string, Document>()
  readonly #jobs: HashJobs
  #snapshot: ClientSnapshot | undefined
  #closing: Promise<void> | undefined

  constructor(parts: ClientParts) {
    this.#parts = parts
    this.#workshop = parts.workshop
    this.listening = parts.listening
    this.#jobs = new HashJobs(parts.workshop.clock, () => parts.workshop.changed())
  }

  get documents(): Iterable<Document> {
    return this.#documents.values()
  }

  /** Takes up what was known, and what lies in the service folder. Documents open side by side and fail one by one. */
  async loadDocuments(): Promise<void> {
    const known = this.#workshop.library.all().filter((entry) => !entry.removed)
    for (let first = 0; first < known.length; first += OPENED_AT_ONCE)
      await Promise.all(known.slice(first, first + OPENED_AT_ONCE).map((entry) => this.#takeUp(entry)))
    const skip = new Set(this.#workshop.library.all().map((entry) => entry.torrentPath))
    const found = await scanService(this.#parts.serviceFolder, skip, this.#workshop.onEvent)
    for (const { torrent, torrentPath, filePath } of found) {
      if (this.#workshop.library.get(torrent.hash) !== undefined) continue
      this.#remember(torrent, { torrentPath, filePath, download: false })
      this.#startQuietly(this.#add({ torrent, torrentPath, filePath, download: false }))
    }
  }

  /** True while some document needs ticks. */
  get isActive(): boolean {
    for (const document of this.documents) if (document.isActive) return true
    return false
  }

  tick(): void {
    for (const document of this.documents) document.tick()
  }

  snapshot(): ClientSnapshot {
    this.#snapshot ??= viewClient([...this.documents], this.#jobs.snapshot(), this.listening, this.#workshop)
    return this.#snapshot
  }

  /** Something changed: the next snapshot is taken anew. */
  forgetSnapshot(): void {
    this.#snapshot = undefined
  }

  detail(id: string): DocumentDetail | undefined {
    const document = this.#documents.get(id)
    return document && viewDetail(document, this.#workshop.clock.now())
  }

  onChange(listener: () => void): () => void {
    this.#parts.changeListeners.add(listener)
    return () => void this.#parts.changeListeners.delete(listener)
  }

  upload(request: UploadRequest, { signal }: CommandOptions = {}): Promise<UploadResult> {
    return untilAborted(() => this.#upload(request, signal), signal)
  }

  download(request: DownloadRequest, { signal }: CommandOptions = {}): Promise<DownloadHandle> {
    return untilAborted(() => this.#download(request), signal)
  }

  async export(torrentTyped: string, metainfoTyped: string): Promise<string> {
    const torrent = await readTorrentFile(this.#path(torrentTyped))
    const path = this.#path(metainfoTyped)
    await writeMetainfoFile(path, encodeMetainfo(torrent, this.#workshop.tracker.url))
    return path
  }

  async pause(id: string, { signal }: CommandOptions = {}): Promise<void> {
    const document = this.#document(id)
    await untilAborted(() => document.pause(), signal)
  }

  async resume(id: string, { signal }: CommandOptions = {}): Promise<void> {
    const document = this.#document(id)
    await untilAborted(() => document.resume(), signal)
  }

  async recheck(id: string, { signal }: CommandOptions = {}): Promise<void> {
    const document = this.#document(id)
    await untilAborted(() => document.recheck(), signal)
  }

  async remove(id: string, { signal, discardUnfinished }: RemoveOptions = {}): Promise<void> {
    const document = this.#document(id)
    await untilAborted(() => this.#remove(document, discardUnfinished === true), signal)
  }

  async #upload(request: UploadRequest, signal: AbortSignal | undefined): Promise<UploadResult> {
    const filePath = this.#path(request.file)
    const torrentPath = this.#path(request.torrent)
    const { torrent, identity, isNew } = await makeTorrent({
      filePath,
      torrentPath,
      open: request.open === true,
      workshop: this.#workshop,
      jobs: this.#jobs,
      signal,
    })
    if (isNew || (await this.#listed(torrent, filePath)) === undefined) {
      this.#remember(torrent, { torrentPath, filePath, download: false })
      this.#workshop.library.update(torrent.hash, { identity })
      await this.#add({ torrent, torrentPath, filePath, download: false }).start()
    }
    this.#say("info", "upload_completed", `${filePath} is shared; its torrent file is ${torrentPath}`, torrent.hash)
    return { id: torrent.hash, torrentPath, open: torrent.secret === undefined, isNew }
  }

  async #download(request: DownloadRequest): Promise<DownloadHandle> {
    const torrentPath = this.#path(request.torrent)
    const torrent = await readTorrentFile(torrentPath)
    const { serviceFolder } = this.#parts
    // A name out of a torrent file is joined, not resolved: the "~" of a user's own word means a home folder, a document's name does not.
    const filePath =
      request.file === undefined ? join(serviceFolder, fileNameFor(torrent, torrentPath)) : this.#path(request.file)
    const document = (await this.#listed(torrent, filePath)) ?? (await this.#begin(torrent, torrentPath, filePath))
    // Before anything is waited for: a disk that fails meanwhile is told to those who wait already.
    const [done, durable] = [document.whenDone(), document.whenDurable()]
    await document.lookedThrough()
    const { partCount } = document.lengths
    const fetching = partCount - document.reusedCount
    const found = `${document.reusedCount} of ${partCount} parts verified, fetching ${fetching}`
    return { id: document.id, found, done, durable }
  }

  async #remove(document: Document, discard: boolean): Promise<void> {
    const { id } = document
    await document.close({ discard })
    this.#documents.delete(id)
    this.#workshop.library.update(id, { removed: true })
    this.#say("info", "document_removed", `${document.name} is removed from the list`, id)
    this.#workshop.changed()
  }

  setLimits(limits: { readonly downBytesPerSecond?: number | null; readonly upBytesPerSecond?: number | null }): void {
    const { downBytesPerSecond: down, upBytesPerSecond: up } = limits
    if (down !== undefined) this.#workshop.downLimit.setRate(down ?? undefined)
    if (up !== undefined) this.#workshop.upLimit.setRate(up ?? undefined)
    this.#workshop.changed()
  }

  find(word: string): DocumentSnapshot {
    return findDocument(this.snapshot().documents, word, this.#path(word))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#documents.values()].map((document) => document.close()))
    await this.#workshop.library.flush()
    await this.#parts.closeParts()
  }

  /** The document if it is in the list and fit to go on; one whose file is gone or broken makes way for a new download. */
  async #listed(torrent: Torrent, filePath: string): Promise<Document | undefined> {
    const document = this.#documents.get(torrent.hash) ?? this.#sameOpenDocument(torrent)
    if (document === undefined) return undefined
    if (document.preSharedKey?.identity !== preSharedKeyOf(torrent)?.identity) throw otherSecret(document)
    await document.settled()
    const { phase } = document
    if (phase.type === "failed" && phase.error.code !== "disk_full") {
      await document.close()
      this.#documents.delete(document.id)
      return undefined
    }
    if (document.filePath !== filePath) throw elsewhere(document)
    if (phase.type === "paused" || phase.type === "failed") await document.resume()
    return document
  }

  /** Starts a new download; one that can't begin leaves nothing behind. */
  async #begin(torrent: Torrent, torrentPath: string, filePath: string): Promise<Document> {
    const document = this.#add({ torrent, torrentPath, filePath, download: true })
    this.#remember(torrent, { torrentPath, filePath, download: true })
    try {
      await document.start()
    } catch (error) {
      this.#documents.delete(document.id)
      this.#workshop.library.delete(document.id)
      this.#workshop.changed()
      throw error
    }
    return document
  }

  async #takeUp(entry: LibraryEntry): Promise<void> {
    try {
      const torrent = await readTorrentFile(entry.torrentPath)
      // Another document's torrent file has taken its place: that one is found by itself.
      if (torrent.hash !== entry.id) return this.#workshop.library.delete(entry.id)
      const document = this.#add({ ...entry, torrent })
      if (entry.paused) await document.pause()
      else this.#startQuietly(document)
    } catch (error) {
      if (!(error instanceof P2pError)) throw error
      // A torrent file that was deleted is no fault; its entry stays, for it may lie on a disk that is not there today.
      const level = error.code === "no_such_file" ? "info" : "warn"
      this.#say(level, error.code, `${entry.torrentPath} is not taken up: ${error.message}`, entry.id)
    }
  }

  #startQuietly(document: Document): void {
    document.start().catch((error: unknown) => {
      // A document that can't be opened shows that itself; anything else is a bug and must not pass unseen.
      if (!(error instanceof P2pError)) throw error
    })
  }

  #add(options: DocumentOptions): Document {
    if (this.#closing !== undefined) throw new CommandError("closed", "this client is leaving")
    const document = new Document(options, this.#workshop)
    this.#documents.set(document.id, document)
    this.#workshop.changed()
    return document
  }

  #remember(torrent: Torrent, where: { torrentPath: string; filePath: string; download: boolean }): void {
    this.#workshop.library.put({ id: torrent.hash, ...where, paused: false, removed: false })
  }

  /** One open document may be described by a torrent file of ours and by a standard one. A private one has only its own. */
  #sameOpenDocument(torrent: Torrent): Document | undefined {
    if (torrent.secret !== undefined) return undefined
    const wanted = Buffer.from(infoHash(torrent))
    return [...this.#documents.values()].find(
      (document) => document.preSharedKey === undefined && wanted.equals(document.infoHash),
    )
  }

  #document(id: string): Document {
    const document = this.#documents.get(id)
    if (document === undefined) throw new CommandError("no_such_document", `no document with the id ${id}`)
    return document
  }

  #path(typed: string): string {
    return resolveUserPath(this.#parts.serviceFolder, typed)
  }

  #say(level: "info" | "warn", name: string, message: string, id: string): void {
    const known = this.#documents.get(id)
    this.#workshop.onEvent({ level, name, message, ...(known && { document: { id, name: known.name } }) })
  }
}

function elsewhere(document: Document): CommandError {
  const what = `this document is in the list already, at ${document.filePath}; remove it first to have it elsewhere`
  return new CommandError("already_there", what)
}

/** Never fetched in another way than its torrent file says, so the two can't be one. */
function otherSecret(document: Document): CommandError {
  const what = `${document.name} is in the list already under this id, but with another Secret (or one of the two without)`
  return new CommandError("other_secret", `${what}; remove it first`)
}
