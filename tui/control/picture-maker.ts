import type { Client, ClientSnapshot, DocumentDetail, DocumentSnapshot, TreePage } from "../../core/index.js"
import type { Interest } from "../commands/client-view.js"
import type { Journal } from "../commands/journal.js"
import type { MovedToday } from "../commands/moved-today.js"
import { bytesChange, type DetailChange, type PeersDetail, type Picture } from "./picture.js"

/** Counts a snapshot. */
export type TodayOf = (snapshot: ClientSnapshot) => MovedToday

export interface PictureSources {
  readonly client: Client
  readonly journal: Journal
  readonly todayOf?: TodayOf | undefined
}

/** Makes pictures of a client, each with what has changed since the one before. */
export class PictureMaker {
  readonly #client: Client
  readonly #journal: Journal
  readonly #todayOf: TodayOf | undefined
  #documents = new Map<string, DocumentSnapshot>()
  #detail: DocumentDetail | undefined
  #knownText = ""
  #nextEntry = 0
  #files: { readonly of: string; readonly page: TreePage | undefined } | undefined

  constructor({ client, journal, todayOf }: PictureSources) {
    this.#client = client
    this.#journal = journal
    this.#todayOf = todayOf
  }

  make({ selected, all, log, files, cell }: Interest): Picture {
    const whole = this.#client.snapshot()
    const { documents, ...snapshot } = whole
    const before = this.#documents
    const ids = [...before.keys()]
    const hasOrder = documents.length !== ids.length || documents.some(({ id }, place) => id !== ids[place])
    this.#documents = new Map(documents.map((document) => [document.id, document]))
    const detail = selected === undefined ? undefined : this.#client.detail(selected, cell)
    // The reader forgets it, too.
    if (detail === undefined) this.#detail = undefined
    return {
      snapshot,
      ...(this.#todayOf && { today: this.#todayOf(whole) }),
      ...(hasOrder && { order: documents.map(({ id }) => id) }),
      documents: documents.filter((document) => !isSame(before.get(document.id), document)),
      ...(detail !== undefined && { detail: this.#detailChange(detail) }),
      ...(all && { all: documents.flatMap(({ id }) => this.#peersOf(id)) }),
      ...this.#pageChange(files),
      ...(log && { log: this.#newEntries() }),
    }
  }

  #detailChange(detail: DocumentDetail): DetailChange {
    const before = this.#detail?.id === detail.id ? this.#detail : undefined
    this.#detail = detail
    const { known, parts, availability, ...rest } = detail
    const text = JSON.stringify(known)
    const isKnown = before !== undefined && text === this.#knownText
    this.#knownText = text
    return {
      ...rest,
      ...(!isKnown && { known }),
      parts: bytesChange(before?.parts, parts),
      availability: bytesChange(before?.availability, availability),
    }
  }

  #peersOf(id: string): readonly PeersDetail[] {
    const detail = this.#client.detail(id)
    if (detail === undefined) return []
    const { parts: _, availability: __, ...rest } = detail
    return [rest]
  }

  #pageChange(files: Interest["files"]): Pick<Picture, "files"> {
    if (files === undefined) {
      this.#files = undefined
      return {}
    }
    const now = { of: JSON.stringify(files), page: this.#client.tree(files.id, files.query) }
    const before = this.#files
    this.#files = now
    if (before?.of === now.of && isSame(before.page, now.page)) return {}
    return { files: { ...files, ...(now.page && { page: now.page }) } }
  }

  #newEntries() {
    const entries = this.#journal.entries().filter(({ number }) => number >= this.#nextEntry)
    this.#nextEntry = (entries.at(-1)?.number ?? this.#nextEntry - 1) + 1
    return entries
  }
}

/** Plain values and what they hold, compared without a text of them. */
function isSame(before: unknown, now: unknown): boolean {
  if (before === now) return true
  if (typeof before !== "object" || typeof now !== "object" || before === null || now === null) return false
  const [old, values] = [before as Readonly<Record<string, unknown>>, now as Readonly<Record<string, unknown>>]
  const keys = Object.keys(values)
  return keys.length === Object.keys(old).length && keys.every((key) => isSame(old[key], values[key]))
}
