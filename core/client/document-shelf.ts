import pLimit from "p-limit"
import { CommandError, type P2pError } from "../base/errors.js"
import { throwBugs } from "../base/until-aborted.js"
import type { ClientResources } from "../document/client-resources.js"
import type { DocumentOptions } from "../document/described-document.js"
import { Document } from "../document/document.js"
import { WantedFiles } from "../document/wanted-files.js"
import type { LibraryEntry } from "../library/library-entry.js"
import { passesByItself } from "../life/passing-errors.js"
import { infoHash } from "../torrent/info-hash.js"
import { isSameKey, preSharedKeyOf } from "../torrent/pre-shared-key.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { partsAtPause } from "./parts-at-pause.js"
import { elsewhere, otherSecret, ownFile } from "./shelf-refusals.js"
import type { Choice, DocumentPlace, Listed, LostDocument, NewDownload } from "./shelf-types.js"

/** Documents that open side by side at the start: each may hold some descriptors, and thousands would run out of them. Our choice. */
const OPENED_AT_ONCE = 32

/** The documents of one client: in the list from when they are added until they are removed, and remembered in its library meanwhile. */
export class DocumentShelf {
  readonly #resources: ClientResources
  readonly #documents = new Map<string, Document>()
  readonly #lost = new Map<string, LostDocument>()
  readonly #turns = pLimit(OPENED_AT_ONCE)
  readonly #openings = new Set<Promise<void>>()
  #isClosing = false

  constructor(resources: ClientResources) {
    this.#resources = resources
  }

  get documents(): Iterable<Document> {
    return this.#documents.values()
  }

  /** Of the start: under way, or waiting for their turn. */
  get openings(): Iterable<Promise<void>> {
    return this.#openings
  }

  get lostDocuments(): ReadonlyMap<string, LostDocument> {
    return this.#lost
  }

  get(id: string): Document | undefined {
    return this.#documents.get(id)
  }

  /** Where the document of a torrent is listed. */
  pathOf(torrent: Torrent): string | undefined {
    return this.#same(torrent)?.filePath
  }

  /** A document of the last run can't be restored. Its entry stays: its torrent file may lie on a disk that is not mounted now. */
  lost(entry: LibraryEntry, error: P2pError): void {
    this.#lost.set(entry.id, { entry, error })
    const message = `${entry.torrentPath} is not taken up: ${error.message}`
    this.#resources.onEvent({ level: "warn", name: error.code, message })
    this.#resources.changed()
  }

  /** False when there is no such lost document. */
  removeLost(id: string): boolean {
    if (!this.#lost.delete(id)) return false
    this.#resources.library.delete(id)
    this.#resources.changed()
    return true
  }

  /** Restores a document of the last run in its saved state. It is opened in the background. */
  takeUp(entry: LibraryEntry, torrent: Torrent): void {
    const { torrentPath, filePath, download, paused } = entry
    this.#resources.library.put(entry)
    const document = this.#add({
      ...{ torrent, torrentPath, filePath, download, wanted: WantedFiles.restored(torrent, entry.selection) },
      place: paused ? { at: "rest", parts: partsAtPause(torrent, entry) } : undefined,
    })
    if (entry.recheck === true) this.#startQuietly(document, () => document.recheck())
    else if (!paused) this.#startQuietly(document)
  }

  /** Shares a file that was found with its torrent file. It is opened in the background. */
  found(torrent: Torrent, place: DocumentPlace): void {
    const document = this.#add({ torrent, ...place, download: false })
    this.#remember(torrent, place, false)
    this.#startQuietly(document)
  }

  /** Shares a file, and settles when it is open. `identity`: the file is known to be the document. */
  async share(torrent: Torrent, place: DocumentPlace, identity: LibraryEntry["identity"]): Promise<Document> {
    return this.#goOnOrAdd(torrent, place, async () => {
      const shared = this.#add({ torrent, ...place, download: false })
      this.#remember(torrent, place, false)
      this.#resources.library.update(torrent.hash, { identity })
      await this.#startWithCopy(shared)
      return shared
    })
  }

  /** Starts or resumes a download. A download that cannot start leaves nothing behind, and the document it was to replace stays. */
  async download(
    torrent: Torrent,
    place: DocumentPlace,
    choice: Choice | undefined,
    repair = false,
  ): Promise<Document> {
    let isNew = false
    const document = await this.#goOnOrAdd(torrent, place, (broken) => {
      isNew = true
      const before = choice ?? {
        wanted: WantedFiles.restored(torrent, this.#resources.library.get(torrent.hash)?.selection),
      }
      return this.#begin({ torrent, place, wanted: before.wanted, replaced: broken, repair })
    })
    if (!isNew && choice !== undefined) await document.select(async () => choice.wanted)
    return document
  }

  /**
   * Fetches what is damaged in the file of a document, which stays as it is until all is there. A download that runs is checked instead. When
   * the repair can't begin, the document comes back as it was.
   */
  async repair(document: Document, replaceOwn: boolean): Promise<Document> {
    await document.settled()
    const known = this.#resources.library.get(document.id)
    if (!replaceOwn && known?.fetched !== true && known?.download !== true) throw ownFile(document)
    const { torrent, torrentPath, filePath, wanted, isDownload: download, place: at } = document
    if (download && at.at === "running") {
      await document.recheck()
      return document
    }
    await document.close()
    // Another command has come first.
    if (!this.#drop(document))
      throw new CommandError("closed", `${document.name} was removed from the list, or is repaired`)
    const before = at.at === "running" ? undefined : at
    const replaced = { torrent, torrentPath, filePath, download, wanted, place: before }
    return this.#begin({ torrent, place: { torrentPath, filePath }, wanted, replaced, repair: true })
  }

  /**
   * Resumes a listed document, or calls `add`, which adds one before its first await: of several commands that waited for the same
   * removal only one adds the document.
   */
  async #goOnOrAdd(
    torrent: Torrent,
    place: DocumentPlace,
    add: (broken: DocumentOptions | undefined) => Promise<Document>,
  ): Promise<Document> {
    let broken: DocumentOptions | undefined
    for (;;) {
      const found = await this.#goOn(torrent, place)
      broken ??= found.broken
      if (found.document !== undefined) return found.document
      if (this.#same(torrent) === undefined) return await add(broken)
    }
  }

  /** Resumes a listed document. One whose file is missing or broken is closed and returned as it was, to be replaced. */
  async #goOn(torrent: Torrent, place: DocumentPlace): Promise<Listed> {
    const document = await this.#listed(torrent)
    if (document === undefined) return {}
    const { place: at, torrentPath, filePath, isDownload: download } = document
    if (at.at === "failed" && !passesByItself(at.error)) {
      await document.close()
      this.#drop(document)
      return { broken: { torrent: document.torrent, torrentPath, filePath, download, place: at } }
    }
    if (filePath !== place.filePath) throw elsewhere(document)
    if (at.at === "rest" || at.at === "failed") await document.resume()
    // It waits for its turn: a command goes first.
    else if (at.at === "new") await document.start()
    return { document }
  }

  /** The document if it is in the list to stay, once nothing is being opened or closed of it. @throws CommandError "other_secret". */
  async #listed(torrent: Torrent): Promise<Document | undefined> {
    for (;;) {
      const document = this.#same(torrent)
      if (document === undefined) return undefined
      await document.settled()
      if (!document.isClosed) {
        if (!isSameKey(document.preSharedKey, preSharedKeyOf(torrent))) throw otherSecret(document)
        return document
      }
      // The caller of `remove` receives this error.
      await document.close().catch(throwBugs)
      this.#drop(document)
    }
  }

  /** Forgets a document. Resolves to whether bytes of an unfinished download were discarded; when they can't be, it is forgotten too. */
  async remove(document: Document, discard: boolean): Promise<boolean> {
    const { library } = this.#resources
    library.update(document.id, { removed: true, peers: undefined, identity: undefined, selection: undefined })
    try {
      return await document.close({ discard })
    } finally {
      if (this.#drop(document)) await this.#resources.copies.drop(document.id)
      document.event("info", "document_removed", `${document.name} was removed from the list`)
    }
  }

  /** Leaves all swarms, and waits for what is written of the documents of the start. Rejects with the first bug when all are left. */
  async close(): Promise<void> {
    this.#isClosing = true
    const openings = Promise.allSettled(this.#openings)
    const outcomes = await Promise.allSettled([...this.documents].map((document) => document.close()))
    await openings
    // The caller of `remove` has received the errors of bytes that could not be discarded.
    for (const outcome of outcomes) if (outcome.status === "rejected") throwBugs(outcome.reason)
  }

  async #begin({ torrent, place, wanted, replaced, repair }: NewDownload): Promise<Document> {
    const { library } = this.#resources
    const before = library.get(torrent.hash)
    const document = this.#add({ torrent, ...place, download: true, wanted })
    this.#remember(torrent, place, true)
    library.update(torrent.hash, { selection: wanted?.stored })
    if (repair) library.update(torrent.hash, { repair: {}, fetched: before?.fetched })
    try {
      await this.#startWithCopy(document)
    } catch (error) {
      // The document was paused or removed, or the client closes: that command has recorded the outcome.
      if (error instanceof CommandError && error.code === "interrupted") throw error
      await document.close()
      this.#drop(document)
      if (before === undefined || before.removed) await this.#resources.copies.drop(torrent.hash)
      if (before === undefined) library.delete(torrent.hash)
      else library.put(before)
      if (replaced !== undefined && !this.#isClosing && this.#same(torrent) === undefined) {
        const again = this.#add(replaced)
        if (replaced.place === undefined) this.#startQuietly(again)
      }
      throw error
    }
    return document
  }

  /** The copy is made at once: hashing may take hours, and the torrent file may be gone by then. */
  async #startWithCopy(document: Document): Promise<void> {
    const [started] = await Promise.allSettled([
      document.start(),
      this.#resources.copies.keep(document.id, document.torrentPath),
    ])
    if (started.status === "rejected") throw started.reason
  }

  #startQuietly(document: Document, start = () => document.start()): void {
    const opening = this.#turns(async () => {
      // A document that can't be opened shows that itself.
      await start().catch(throwBugs)
      if (!document.isClosed) this.#resources.copies.keepSoon(document.id, document.torrentPath)
    })
    this.#openings.add(opening)
    opening.finally(() => this.#openings.delete(opening)).catch(throwBugs)
  }

  #add(options: DocumentOptions): Document {
    if (this.#isClosing) throw new CommandError("closed", "this client is closing")
    if (this.#documents.has(options.torrent.hash)) throw new Error("the added document is already in the list")
    const document = new Document(options, this.#resources)
    this.#documents.set(document.id, document)
    this.#lost.delete(document.id)
    this.#resources.changed()
    return document
  }

  /** Unless another one has taken its place by now. */
  #drop(document: Document): boolean {
    if (this.#documents.get(document.id) !== document) return false
    this.#resources.changed()
    return this.#documents.delete(document.id)
  }

  #remember(torrent: Torrent, place: DocumentPlace, download: boolean): void {
    const { peers, ...paths } = place
    const known = peers === undefined ? {} : { peers: [...peers] }
    this.#resources.library.put({ id: torrent.hash, ...paths, ...known, download, paused: false, removed: false })
  }

  #same(torrent: Torrent): Document | undefined {
    return this.#documents.get(torrent.hash) ?? this.#sameOpenDocument(torrent)
  }

  /** One open document may be described by a torrent file of ours and by a standard one. A private one has only its own. */
  #sameOpenDocument(torrent: Torrent): Document | undefined {
    if (torrent.secret !== undefined) return undefined
    const wanted = Buffer.from(infoHash(torrent))
    return [...this.documents].find(
      (document) => document.preSharedKey === undefined && wanted.equals(document.infoHash),
    )
  }
}
