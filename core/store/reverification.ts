import { formatCount } from "../base/format-bytes.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { PartChecks } from "./part-checks.js"
import type { WholeContent } from "./whole-content.js"

export interface ReverificationParts {
  readonly checks: PartChecks
  readonly partCount: number
  /** As it is now, of the size that it was verified with before. */
  readonly file: WholeContent
  /** The parts that were good before; no other is served. */
  readonly have: Bitfield
  /** Every part is good still. */
  readonly onDone: () => void
}

/**
 * Hashes a served file again that looks like another one and has the size that it had: it was touched, restored or moved, or its file
 * system has no lasting inode numbers (FUSE, CIFS). It is served meanwhile: a part that is asked for is hashed first.
 */
export class Reverification {
  readonly #parts: ReverificationParts
  readonly #left: Bitfield
  readonly #running = new Map<number, Promise<void>>()
  readonly #closing = new AbortController()
  readonly #whole: Promise<void>

  constructor(parts: ReverificationParts) {
    this.#parts = parts
    this.#left = parts.have.clone()
    this.#whole = this.#checkAll()
    // The next read reports a part that fails.
    this.#whole.catch(() => undefined)
  }

  /** Resolves once the part is known to be good. @throws StoreError "file_changed" when it is not; rejects with system errors. */
  async require(partIndex: number): Promise<void> {
    if (!this.#left.has(partIndex)) return
    const running = this.#running.get(partIndex) ?? this.#check([partIndex])
    this.#running.set(partIndex, running)
    try {
      await running
    } finally {
      this.#running.delete(partIndex)
    }
  }

  /** Stops the background hashing. May be called twice. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#whole.catch(() => undefined)
  }

  async #checkAll(): Promise<void> {
    const { partCount, file, onDone } = this.#parts
    const { signal } = this.#closing
    const all = Array.from({ length: partCount }, (_, partIndex) => partIndex)
    await this.#check(
      all.filter((partIndex) => this.#left.has(partIndex)),
      signal,
    )
    // One that changed meanwhile is found out by the next that reads.
    if ((await file.isSame()) && !signal.aborted) onDone()
  }

  async #check(partIndices: readonly number[], signal?: AbortSignal): Promise<void> {
    const { checks, file } = this.#parts
    let badCount = 0
    await checks.some(file.source, partIndices, { signal }, (partIndex, good) => {
      if (good) this.#left.remove(partIndex)
      else badCount++
    })
    if (badCount > 0) throw await file.declareChanged(`${formatCount(badCount)} of its parts are not what they were`)
  }
}
