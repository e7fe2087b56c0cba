import type { Clock } from "../base/clock.js"

/** Bytes of info dictionaries that are kept, and how long one is that nobody asks for, ms (our choice: a peer needs seconds for it). */
const KEPT_BYTES = 64 * 1024 * 1024
const KEPT_MS = 30_000

interface Kept {
  readonly info: Promise<Uint8Array | undefined>
  sizeBytes: number
  usedAtMs: number
}

/** Encoded info dictionaries of documents whose peers fetch them, over all documents of a client. One of 500,000 files takes a second to encode. */
export class InfoCache {
  readonly #clock: Clock
  /** The one used last stands last. */
  readonly #kept = new Map<object, Kept>()
  #stopTimer: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The dictionary of `key`, by `load` when it is not kept. */
  get(key: object, load: () => Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
    const kept = this.#kept.get(key) ?? this.#load(load)
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    kept.usedAtMs = this.#clock.now()
    this.#arm()
    return kept.info
  }

  close(): void {
    this.#stopTimer?.()
    this.#kept.clear()
  }

  #load(load: () => Promise<Uint8Array | undefined>): Kept {
    const info = load()
    const kept = { info, sizeBytes: 0, usedAtMs: 0 }
    void info.then((bytes) => {
      kept.sizeBytes = bytes?.length ?? 0
      this.#makeRoom()
    })
    return kept
  }

  /** The one used last stays, whatever its size. */
  #makeRoom(): void {
    let bytes = [...this.#kept.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    for (const [key, { sizeBytes }] of this.#kept) {
      if (bytes <= KEPT_BYTES || this.#kept.size === 1) return
      this.#kept.delete(key)
      bytes -= sizeBytes
    }
  }

  #arm(): void {
    this.#stopTimer ??= this.#clock.after(KEPT_MS, () => {
      this.#stopTimer = undefined
      const sinceMs = this.#clock.now() - KEPT_MS
      for (const [key, { usedAtMs }] of this.#kept) if (usedAtMs <= sinceMs) this.#kept.delete(key)
      if (this.#kept.size > 0) this.#arm()
    })
  }
}
