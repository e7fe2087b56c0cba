import type { ClientSnapshot, DocumentDetail, DocumentSnapshot, TreePage, TreeQuery } from "../../core/index.js"
import type { ClientView, FilesInterest, Interest } from "../commands/client-view.js"
import type { MovedToday } from "../commands/moved-today.js"
import type { ControlLink } from "./control-link.js"
import { changedBytes, type DetailChange, type Picture } from "./picture.js"
import type { RemoteJournal } from "./remote-journal.js"

/** What of a connection pictures come by. */
type Link = Pick<ControlLink, "send" | "onAnswer" | "ended">

const NO_BYTES = new Uint8Array(0)

/** The running client, as the newest picture shows it. */
export class RemoteView implements ClientView {
  readonly #link: Link
  readonly #journal: RemoteJournal
  readonly #listeners = new Set<() => void>()
  readonly #documents = new Map<string, DocumentSnapshot>()
  readonly #details = new Map<string, DocumentDetail>()
  #order: readonly string[] = []
  #snapshot: ClientSnapshot | undefined
  #today: MovedToday | undefined
  #interest: Interest = { selected: undefined, all: false, log: false, files: undefined }
  #page: { readonly key: string; readonly page: TreePage | undefined } | undefined

  constructor(link: Link, journal: RemoteJournal) {
    this.#link = link
    this.#journal = journal
    link.onAnswer((answer) => {
      if (answer.kind === "picture") this.#take(answer.picture)
    })
  }

  /** Resolves when there is a first picture; false when the client ended before. */
  async begin(): Promise<boolean> {
    const first = new Promise<void>((resolve) => this.#listeners.add(resolve))
    this.#say()
    await Promise.race([first, this.#link.ended])
    this.#listeners.clear()
    return this.#snapshot !== undefined
  }

  snapshot(): ClientSnapshot {
    if (this.#snapshot === undefined) throw new TypeError("there is no picture yet")
    return this.#snapshot
  }

  detail(id: string): DocumentDetail | undefined {
    return this.#details.get(id)
  }

  /** Undefined until a picture has this page, which `watch` has asked for. */
  tree(id: string, query: TreeQuery): TreePage | undefined {
    return this.#page?.key === keyOf({ id, query }) ? this.#page.page : undefined
  }

  today(): MovedToday | undefined {
    return this.#today
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  watch(interest: Interest): void {
    this.#interest = interest
    this.#say()
  }

  #say(): void {
    const { selected, all, log, files, cell } = this.#interest
    this.#link.send({
      kind: "watch",
      all,
      log,
      ...(selected !== undefined && { selected }),
      ...(files !== undefined && { files }),
      ...(cell !== undefined && { cell }),
    })
  }

  #take(picture: Picture): void {
    this.#link.send({ kind: "seen" })
    for (const document of picture.documents) this.#documents.set(document.id, document)
    if (picture.order !== undefined) this.#order = picture.order
    if (this.#documents.size > this.#order.length) this.#forgetRemoved()
    const documents = this.#order.flatMap((id) => this.#documents.get(id) ?? [])
    this.#snapshot = { ...picture.snapshot, documents }
    this.#today = picture.today
    this.#takeDetails(picture)
    if (picture.files !== undefined) this.#page = { key: keyOf(picture.files), page: picture.files.page }
    if (picture.log !== undefined) this.#journal.take(picture.log)
    for (const listener of [...this.#listeners]) listener()
  }

  #forgetRemoved(): void {
    const ids = new Set(this.#order)
    for (const id of this.#documents.keys()) if (!ids.has(id)) this.#documents.delete(id)
  }

  #takeDetails({ detail, all = [] }: Picture): void {
    const before = detail && this.#details.get(detail.id)
    this.#details.clear()
    for (const each of all) this.#details.set(each.id, { ...each, parts: NO_BYTES, availability: NO_BYTES })
    if (detail !== undefined) this.#details.set(detail.id, changed(before, detail))
  }
}

function changed(before: DocumentDetail | undefined, { known, parts, availability, ...rest }: DetailChange) {
  return {
    ...rest,
    known: known ?? before?.known ?? [],
    parts: changedBytes(before?.parts, parts),
    availability: changedBytes(before?.availability, availability),
  }
}

function keyOf({ id, query }: FilesInterest): string {
  const { filter, sort, descending, isOpen, except, from, count } = query
  return JSON.stringify([id, filter, sort, descending, isOpen, except, from, count])
}
