import type { DownloadHandle } from "../api/client-api.js"
import { CommandError } from "../base/errors.js"
import { oneByOne } from "../base/steps.js"
import { AwaitedDocument } from "../document/awaited-document.js"
import type { ClientResources } from "../document/client-resources.js"
import type { Document } from "../document/document.js"
import { fileNameFor } from "../document/document-name.js"
import { foundOnDisk } from "../document/found-on-disk.js"
import { choosingFiles } from "../document/wanted-files.js"
import type { AwaitedEntry } from "../library/awaited-entry.js"
import type { TypedTarget } from "../library/user-path.js"
import { describing, handshakeHashOf, idOf } from "../torrent/describe.js"
import { handshakeHash } from "../torrent/info-hash.js"
import { formatLink, type Link } from "../torrent/link.js"
import { parseLink } from "../torrent/parse-link.js"
import { isSameKey, memberKeysOf } from "../torrent/pre-shared-key.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { DocumentShelf } from "./document-shelf.js"
import { targetOf } from "./download-target.js"
import { writeDescribed } from "./write-described.js"

/** What the user wants of a link: where, by default under its name in the service folder, and which files, by default all. */
export interface LinkWish {
  readonly target?: TypedTarget | undefined
  readonly only?: readonly string[] | undefined
  /** What stands there is repaired. */
  readonly repair?: boolean | undefined
}

/** The documents of a client that are known by their links only. When the description has come, one goes over to the shelf of documents. */
export class AwaitedShelf {
  readonly #resources: ClientResources
  readonly #shelf: DocumentShelf
  readonly #serviceFolder: string
  readonly #awaited = new Map<string, AwaitedDocument>()

  constructor(resources: ClientResources, shelf: DocumentShelf, serviceFolder: string) {
    this.#resources = resources
    this.#shelf = shelf
    this.#serviceFolder = serviceFolder
  }

  get documents(): Iterable<AwaitedDocument> {
    return this.#awaited.values()
  }

  /** Those that no listed document has taken the place of yet. */
  get undescribed(): Iterable<AwaitedDocument> {
    if (this.#awaited.size === 0) return []
    const described = new Set([...this.#shelf.documents].map(({ infoHash }) => hex(infoHash)))
    return [...this.#awaited.values()].filter(({ infoHash }) => !described.has(hex(infoHash)))
  }

  get(id: string): AwaitedDocument | undefined {
    return this.#awaited.get(id)
  }

  /** True when this torrent describes a link whose description has come: the link has a target of its own for it. */
  isOfLink(torrent: Torrent): boolean {
    if (this.#awaited.size === 0) return false
    const hash = handshakeHash(torrent)
    return [...this.#awaited.values()].some((each) => each.isFound && Buffer.compare(each.infoHash, hash) === 0)
  }

  /** Restores the links of the last run. One that can't be read any more is forgotten: there is nothing to show of it. */
  takeUp(): void {
    for (const entry of this.#resources.library.awaited()) {
      const link = linkOf(entry)
      if (link === undefined || this.#shelf.get(entry.id) !== undefined) this.#resources.library.deleteAwaited(entry.id)
      else {
        const document = this.#add(link, { ...entry, target: typedTarget(entry) }, entry.paused)
        if (!entry.paused) document.run()
      }
    }
  }

  /** Starts or resumes the download of a link. */
  async download(link: Link, wish: LinkWish): Promise<DownloadHandle> {
    const known = this.#known(link)
    if (known !== undefined) return this.#goOn(known, wish)
    const present = this.#awaited.get(idOf(link))
    if (present !== undefined) requireSame(present, link, wish)
    const document = present ?? this.#add(link, wish, false)
    if (wish.repair === true) document.agreeToRepair()
    document.run()
    return handleOf(document.id, document.document())
  }

  /** A torrent file describes the document now: its link is not needed any more. */
  async supersede(id: string): Promise<void> {
    const document = this.#awaited.get(id)
    if (document === undefined) return
    await document.close()
    this.#drop(document)
  }

  /** Forgets a link, and the document that it became meanwhile. Resolves to whether there were bytes of it. */
  async remove(document: AwaitedDocument, discard: boolean): Promise<boolean> {
    await document.close()
    this.#drop(document)
    const begun = this.#shelf.get(document.id)
    if (begun !== undefined) return this.#shelf.remove(begun, discard)
    document.event("info", "document_removed", `${document.name} was removed from the list`)
    return false
  }

  /** Ends all searches. The links stay remembered. */
  async close(): Promise<void> {
    await Promise.all([...this.documents].map((document) => document.close()))
  }

  /** The listed document of a link. @throws CommandError "other_torrent", "other_secret". */
  #known(link: Link): Document | undefined {
    const hash = handshakeHashOf(link)
    const same = (document: Document): boolean => Buffer.compare(document.infoHash, hash) === 0
    const document = this.#shelf.get(idOf(link)) ?? [...this.#shelf.documents].find(same)
    if (document === undefined) return undefined
    const keys = link.kind === "private" ? memberKeysOf({ ...link, uuid: link.id }) : undefined
    if (isSameKey(document.preSharedKey, keys) && same(document)) return document
    const what = `${document.name} is in the list already under the id of this link, but is another document`
    throw new CommandError("other_torrent", `${what}; remove it first`)
  }

  async #goOn(known: Document, { target, only, repair }: LinkWish): Promise<DownloadHandle> {
    const { torrent, torrentPath, filePath: listedAt } = known
    const name = fileNameFor(torrent, torrentPath)
    const { hasher } = this.#resources.disk
    const filePath = target === undefined ? listedAt : await targetOf(target, { torrent, name, listedAt, hasher })
    const choice = await choiceOf(torrent, only)
    const document = await this.#shelf.download(torrent, { torrentPath, filePath }, choice, repair)
    return handleOf(document.id, Promise.resolve(document))
  }

  #add(link: Link, { target, only, repair }: LinkWish, isPaused: boolean): AwaitedDocument {
    const document: AwaitedDocument = new AwaitedDocument(
      {
        ...{ link, linkText: formatLink(link), target, only, repair, isPaused },
        begin: (info, peers) => this.#begin(document, info, peers),
      },
      this.#resources,
    )
    this.#awaited.set(document.id, document)
    this.#resources.changed()
    return document
  }

  async #begin(awaited: AwaitedDocument, info: Uint8Array, peers: readonly string[]): Promise<Document> {
    const described = await oneByOne(describing(awaited.link, info))
    const place = await writeDescribed(described, awaited, this.#serviceFolder, this.#resources)
    const { torrent } = described
    const choice = await choiceOf(torrent, awaited.only)
    const document = await this.#shelf.download(torrent, { ...place, peers }, choice, awaited.repair)
    this.#drop(awaited)
    const message = `its description has come from peers; its torrent file is ${place.torrentPath}`
    document.event("info", "described", message)
    return document
  }

  #drop(document: AwaitedDocument): void {
    this.#awaited.delete(document.id)
    this.#resources.library.deleteAwaited(document.id)
    this.#resources.changed()
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}

function linkOf({ link }: AwaitedEntry): Link | undefined {
  try {
    return parseLink(link)
  } catch (error) {
    if (error instanceof CommandError) return undefined
    throw error
  }
}

function typedTarget({ filePath: path, intoFolder = false }: AwaitedEntry): TypedTarget | undefined {
  return path === undefined ? undefined : { path, endsAsFolder: intoFolder }
}

async function choiceOf(torrent: Torrent, only: readonly string[] | undefined) {
  return only && { wanted: await oneByOne(choosingFiles(torrent, { only }, undefined)) }
}

function requireSame(present: AwaitedDocument, link: Link, { target, only }: LinkWish): void {
  if (Buffer.compare(present.infoHash, handshakeHashOf(link)) !== 0) {
    const what = `${present.name} is waited for already under the id of this link, but is another document`
    throw new CommandError("other_torrent", `${what}; remove it first`)
  }
  const isSamePlace = target === undefined || target.path === present.target?.path
  if (isSamePlace && (only === undefined || JSON.stringify(only) === JSON.stringify(present.only))) return
  const where = present.target?.path ?? "its name in the service folder"
  throw new CommandError("already_there", `this document is waited for already, at ${where}; remove it first`)
}

/** What is found on disk is known when the description has come. */
function handleOf(id: string, document: Promise<Document>): DownloadHandle {
  const begun = document.then((each) => each.id)
  const foundLater = document.then(foundOnDisk)
  const settled = foundLater.catch(() => undefined)
  const done = document.then((each) => after(settled, each.whenDone()))
  const durable = document.then((each) => after(settled, each.whenDurable()))
  // The caller may no longer listen; an event reports the failure too.
  for (const end of [begun, foundLater, done, durable]) end.catch(() => undefined)
  return { id, begun, found: undefined, foundLater, done, durable }
}

/** `end`, but not before `first`. Its failure has a listener meanwhile. */
async function after<Result>(first: Promise<unknown>, end: Promise<Result>): Promise<Result> {
  end.catch(() => undefined)
  await first
  return end
}
