import { join } from "node:path"
import type {
  Client,
  CommandOptions,
  DownloadHandle,
  DownloadRequest,
  LimitChange,
  RemoveOptions,
  RemoveResult,
  RepairOptions,
  StatusOptions,
  UploadRequest,
  UploadResult,
} from "../api/client-api.js"
import type { TreePage, TreeQuery } from "../api/file-tree.js"
import type { FileChoice, FilesPage, FilesQuery } from "../api/selection.js"
import type { ClientSnapshot, DocumentDetail, DocumentSnapshot, PartRange } from "../api/snapshot.js"
import type { SwarmStatus } from "../api/swarm-status.js"
import { CommandError } from "../base/errors.js"
import { oneByOne } from "../base/steps.js"
import { interrupted, untilAborted } from "../base/until-aborted.js"
import { WorkUnderWay } from "../base/work-under-way.js"
import type { AwaitedDocument } from "../document/awaited-document.js"
import type { ClientResources } from "../document/client-resources.js"
import type { Document } from "../document/document.js"
import { fileNameFor } from "../document/document-name.js"
import { linkTo } from "../document/link-of.js"
import { choosingFiles, type WantedFiles } from "../document/wanted-files.js"
import { readTypedTorrent } from "../library/typed-torrent.js"
import { resolveFileOrFolder, resolveTarget, resolveUserPath } from "../library/user-path.js"
import { formatLink } from "../torrent/link.js"
import { isLink, parseLink } from "../torrent/parse-link.js"
import { AwaitedShelf } from "./awaited-shelf.js"
import { viewAwaitedDetail } from "./awaited-view.js"
import type { ClientParts } from "./client-parts.js"
import { viewClient } from "./client-view.js"
import { DocumentShelf } from "./document-shelf.js"
import { statusOf } from "./document-status.js"
import { viewDetail } from "./document-view.js"
import { handleOf } from "./download-handle.js"
import { targetOf } from "./download-target.js"
import { exportMetainfo } from "./export-metainfo.js"
import { countDoneFiles, viewFiles, viewTree } from "./files-view.js"
import { findDocument } from "./find-document.js"
import { requireRates, setClientLimits, setDocumentLimits } from "./limits.js"
import { loadDocuments } from "./load-documents.js"
import { ServiceWatch } from "./service-watch.js"
import { untilOpened } from "./until-opened.js"
import { Uploads } from "./uploads.js"

/** All documents of one client, and the commands on them. */
export class DocumentClient implements Client {
  readonly listening: { readonly host: string; readonly port: number }
  readonly #parts: ClientParts
  readonly #resources: ClientResources
  readonly #shelf: DocumentShelf
  readonly #awaited: AwaitedShelf
  readonly #uploads: Uploads
  /** Aborted as the client is closed: hashing for an upload ends. */
  readonly #leaving = new AbortController()
  /** Commands that change something, also those whose caller does not wait any more. */
  readonly #commands = new WorkUnderWay()
  #watch: ServiceWatch | undefined
  #snapshot: ClientSnapshot | undefined
  #opened: Promise<void> = Promise.resolve()

  constructor(parts: ClientParts) {
    this.#parts = parts
    this.#resources = parts.resources
    this.#shelf = new DocumentShelf(parts.resources)
    this.#awaited = new AwaitedShelf(parts.resources, this.#shelf, parts.serviceFolder)
    this.listening = parts.listening
    const { resources, serviceFolder } = parts
    this.#uploads = new Uploads({ resources, serviceFolder, shelf: this.#shelf, leaving: this.#leaving.signal })
  }

  get documents(): Iterable<Document> {
    return this.#shelf.documents
  }

  /** Those that take callers. */
  *reachable(): Iterable<Document | AwaitedDocument> {
    yield* this.#shelf.documents
    yield* this.#awaited.documents
  }

  /** Restores the documents of the last run and adds those of the service folder. */
  async loadDocuments(): Promise<void> {
    await loadDocuments(this.#shelf, this.#resources, this.#parts.serviceFolder)
    this.#awaited.takeUp()
    this.#uploads.takeUp()
    this.#opened = untilOpened(this.#shelf.openings, this.#resources.clock)
  }

  /** Before the documents are loaded: what comes from now on is new. */
  async watchService(): Promise<void> {
    const { serviceFolder: folder, resources } = this.#parts
    this.#watch = new ServiceWatch({ folder, shelf: this.#shelf, awaited: this.#awaited, resources })
    await this.#watch.begin()
  }

  opened({ signal }: CommandOptions = {}): Promise<void> {
    return untilAborted(() => this.#opened, signal)
  }

  announceAgain(): void {
    const { tracker } = this.#resources
    for (const document of this.reachable()) if (document.tracker === tracker) document.announceAgain()
  }

  snapshot(): ClientSnapshot {
    this.#snapshot ??= viewClient(
      { shelf: this.#shelf, awaited: [...this.#awaited.undescribed] },
      this.#uploads.snapshot(),
      this.listening,
      this.#resources,
    )
    return this.#snapshot
  }

  /** Something changed: the next snapshot is taken anew. */
  forgetSnapshot(): void {
    this.#snapshot = undefined
  }

  detail(id: string, range?: PartRange): DocumentDetail | undefined {
    const nowMs = this.#resources.clock.now()
    const document = this.#shelf.get(id)
    if (document === undefined) return viewAwaitedDetail(this.#awaited.get(id), nowMs)
    const link = document.torrent.secret === undefined ? this.link(id) : undefined
    return { ...viewDetail(document, { nowMs, range, link }), doneFiles: countDoneFiles(document, nowMs) }
  }

  files(id: string, query: FilesQuery): FilesPage | undefined {
    const document = this.#shelf.get(id)
    return document && viewFiles(document, query, this.#resources.clock.now())
  }

  tree(id: string, query: TreeQuery): TreePage | undefined {
    return viewTree(this.#shelf.get(id), query, this.#resources)
  }

  onChange(listener: () => void): () => void {
    this.#parts.changeListeners.add(listener)
    return () => void this.#parts.changeListeners.delete(listener)
  }

  upload(request: UploadRequest, options?: CommandOptions): Promise<UploadResult> {
    return this.#uploads.upload(request, options)
  }

  download(request: DownloadRequest, { signal }: CommandOptions = {}): Promise<DownloadHandle> {
    return this.#command(() => this.#download(request), signal)
  }

  export(torrent: string, metainfo: string, { signal }: CommandOptions = {}): Promise<string> {
    return this.#command(() => this.#export(torrent, metainfo), signal)
  }

  async pause(id: string, { signal }: CommandOptions = {}): Promise<void> {
    if (signal?.aborted !== true && this.#uploads.pause(id, true)) return
    const document = this.#awaited.get(id) ?? this.#document(id)
    await this.#command(() => document.pause(), signal)
  }

  async resume(id: string, { signal }: CommandOptions = {}): Promise<void> {
    if (signal?.aborted !== true && this.#uploads.pause(id, false)) return
    const document = this.#awaited.get(id) ?? this.#document(id)
    await this.#command(() => document.resume(), signal)
  }

  async recheck(id: string, { signal }: CommandOptions = {}): Promise<void> {
    const document = this.#awaited.get(id) ?? this.#document(id)
    await this.#command(() => document.recheck(), signal)
  }

  repair(id: string, { signal, replaceOwn = false }: RepairOptions = {}): Promise<DownloadHandle> {
    return this.#command(async () => handleOf(await this.#shelf.repair(this.#document(id), replaceOwn)), signal)
  }

  async remove(id: string, { signal, discardUnfinished }: RemoveOptions = {}): Promise<RemoveResult> {
    if (signal?.aborted) throw interrupted(signal)
    if (this.#shelf.removeLost(id)) return { discarded: false }
    const discard = discardUnfinished === true
    const awaited = this.#awaited.get(id)
    const remove = () =>
      awaited === undefined ? this.#shelf.remove(this.#document(id), discard) : this.#awaited.remove(awaited, discard)
    return { discarded: await this.#command(remove, signal) }
  }

  async select(id: string, choice: FileChoice | undefined, { signal }: CommandOptions = {}): Promise<void> {
    const document = this.#document(id)
    const choose = (before: WantedFiles | undefined) => oneByOne(choosingFiles(document.torrent, choice, before))
    await this.#command(() => document.select(choose), signal)
  }

  async status(id: string, { signal, limit }: StatusOptions = {}): Promise<SwarmStatus> {
    const document = this.#document(id)
    const ending = AbortSignal.any([this.#leaving.signal, ...(signal ? [signal] : [])])
    const ask = () => document.tracker.status({ hash: id, ...(limit !== undefined && { limit }) }, ending)
    return untilAborted(() => statusOf(document, ask), ending)
  }

  cancel(jobId: string): void {
    this.#uploads.cancel(jobId)
  }

  async #export(torrentTyped: string, metainfoTyped: string): Promise<string> {
    const { serviceFolder } = this.#parts
    const torrentPath = resolveUserPath(serviceFolder, torrentTyped)
    const torrent = await readTypedTorrent(torrentTyped, torrentPath)
    const name = `${fileNameFor(torrent, torrentPath)}.torrent`
    return exportMetainfo(torrent, await resolveFileOrFolder(serviceFolder, metainfoTyped, name), this.#resources)
  }

  async #download({ torrent: typed, file, only, repair }: DownloadRequest): Promise<DownloadHandle> {
    const { serviceFolder } = this.#parts
    if (isLink(typed)) {
      const target = file === undefined ? undefined : resolveTarget(serviceFolder, file)
      return this.#awaited.download(parseLink(typed), { target, only, repair })
    }
    const torrentPath = resolveUserPath(serviceFolder, typed)
    const torrent = await readTypedTorrent(typed, torrentPath)
    const choice = only && { wanted: await oneByOne(choosingFiles(torrent, { only }, undefined)) }
    const name = fileNameFor(torrent, torrentPath)
    const listedAt = this.#shelf.pathOf(torrent)
    const { hasher } = this.#resources.disk
    // A name from a torrent file is joined, not resolved: "~" means a home folder only in a path that the user typed.
    const filePath =
      file === undefined
        ? ((choice && listedAt) ?? join(serviceFolder, name))
        : await targetOf(resolveTarget(serviceFolder, file), { torrent, name, listedAt, hasher })
    const document = await this.#shelf.download(torrent, { torrentPath, filePath }, choice, repair)
    await this.#awaited.supersede(document.id)
    return handleOf(document)
  }

  setLimits(limits: LimitChange, id?: string): void {
    requireRates(limits)
    if (id === undefined) setClientLimits(limits, this.#resources)
    else setDocumentLimits(limits, this.#document(id))
    this.#resources.changed()
  }

  link(id: string): string {
    const awaited = this.#awaited.get(id)
    return awaited?.linkText ?? formatLink(linkTo(this.#document(id), this.#resources))
  }

  find(word: string): DocumentSnapshot {
    return findDocument(this.snapshot().documents, word, resolveUserPath(this.#parts.serviceFolder, word))
  }

  close(): Promise<void> {
    return this.#parts.closing.close()
  }

  /** Leaves all swarms, and writes what must be remembered. */
  async closeDocuments(): Promise<void> {
    this.#leaving.abort(new CommandError("interrupted", "this client is closing"))
    const watching = this.#watch?.close()
    // Each upload has reported its outcome to its caller.
    const uploads = this.#uploads.ended()
    try {
      // A link whose document is being begun, or a look at the folder, waits for that document.
      await Promise.all([this.#awaited.close(), this.#shelf.close()])
    } finally {
      await Promise.all([uploads, watching, this.#commands.ended()])
      await this.#resources.library.close()
    }
  }

  /** `close` waits for it, whether its caller does or not: nothing is written afterwards. */
  #command<T>(begin: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return untilAborted(async () => {
      if (this.#leaving.signal.aborted) throw new CommandError("closed", "this client is closing")
      return this.#commands.add(begin())
    }, signal)
  }

  #document(id: string): Document {
    const document = this.#shelf.get(id)
    const lost = this.#shelf.lostDocuments.get(id)
    if (lost !== undefined) throw lost.error
    if (document !== undefined) return document
    throw this.#awaited.get(id)?.undescribed() ?? new CommandError("no_such_document", `no document with the id ${id}`)
  }
}
