import type { ClientEvent } from "../../core/index.js"
import type { JournalEntry, ScreenLog } from "../commands/journal.js"
import { MAX_ENTRIES } from "../commands/journal.js"
import type { ControlLink } from "./control-link.js"

/** The running client's journal, as far as pictures have shown it. */
export class RemoteJournal implements ScreenLog {
  readonly #link: Pick<ControlLink, "send">
  readonly #listeners = new Set<() => void>()
  #entries: readonly JournalEntry[] = []

  constructor(link: Pick<ControlLink, "send">) {
    this.#link = link
  }

  entries(): readonly JournalEntry[] {
    return this.#entries
  }

  /** It comes back in a picture. */
  add = ({ level, name, message }: ClientEvent): void => {
    if (level === "info" || level === "warn") this.#link.send({ kind: "note", level, name, message })
  }

  follow = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  take(entries: readonly JournalEntry[]): void {
    if (entries.length === 0) return
    this.#entries = [...this.#entries, ...entries].slice(-MAX_ENTRIES)
    for (const listener of this.#listeners) listener()
  }
}
