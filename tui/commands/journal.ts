import type { ClientEvent } from "../../core/index.js"

/** An event with the time it happened (wall clock, milliseconds since 1970) and its place in the order, from 0. */
export interface JournalEntry extends ClientEvent {
  readonly number: number
  readonly atMs: number
}

/** How many entries the screen's log goes back. The log file has all. */
export const MAX_ENTRIES = 2_000

/** What a screen shows of a journal, and adds to it. */
export interface ScreenLog {
  entries(): readonly JournalEntry[]
  add(event: ClientEvent): void
  /** Calls `listener` after every new entry. Returns its undo. */
  follow(listener: () => void): () => void
}

/** What has happened since the start, for the log file, line mode and the screen; each may come later than the first event. */
export class Journal {
  readonly #wallClock: () => number
  readonly #entries: JournalEntry[] = []
  readonly #listeners = new Set<(entry: JournalEntry) => void>()
  #count = 0

  constructor(wallClock: () => number = Date.now) {
    this.#wallClock = wallClock
  }

  /** The latest entries, oldest first. The same array is never changed later. */
  entries(): readonly JournalEntry[] {
    return [...this.#entries]
  }

  add = (event: ClientEvent): void => {
    const entry: JournalEntry = { ...event, number: this.#count++, atMs: this.#wallClock() }
    this.#entries.push(entry)
    if (this.#entries.length > MAX_ENTRIES) this.#entries.splice(0, this.#entries.length - MAX_ENTRIES)
    for (const listener of this.#listeners) listener(entry)
  }

  /** Calls `listener` with what is remembered, then with every new entry. Returns its undo. */
  subscribe = (listener: (entry: JournalEntry) => void): (() => void) => {
    for (const entry of this.#entries) listener(entry)
    return this.follow(listener)
  }

  /** Calls `listener` with every new entry. Returns its undo. */
  follow = (listener: (entry: JournalEntry) => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
