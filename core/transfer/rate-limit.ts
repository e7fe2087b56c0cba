import type { Clock } from "../base/clock.js"
import { TokenBucket } from "./token-bucket.js"

/** What bytes pass through before they count, see `TokenBucket`. */
export type RateLimit = Pick<TokenBucket, "bytesPerSecond" | "spend" | "holds" | "giveBack">

/** The limit of one document, and behind it the one that all documents share: bytes pass when both let them. */
export class DocumentLimit implements RateLimit {
  readonly #own: TokenBucket
  readonly #shared: RateLimit

  constructor(clock: Clock, bytesPerSecond: number | undefined, shared: RateLimit) {
    this.#own = new TokenBucket(clock, bytesPerSecond)
    this.#shared = shared
  }

  /** Of this document alone; undefined: it has none. */
  get ownBytesPerSecond(): number | undefined {
    return this.#own.bytesPerSecond
  }

  /** Undefined: nothing holds bytes back. */
  get bytesPerSecond(): number | undefined {
    return this.#own.bytesPerSecond ?? this.#shared.bytesPerSecond
  }

  /** Changes the document's own limit at once, also for waiting requests. */
  setRate(bytesPerSecond: number | undefined): void {
    this.#own.setRate(bytesPerSecond)
  }

  spend(queue: object, byteCount: number, run: () => void): void {
    // Most documents have no limit of their own, and blocks come by the ten thousand.
    if (this.#own.bytesPerSecond === undefined && !this.#own.holds(queue)) this.#shared.spend(queue, byteCount, run)
    else this.#own.spend(queue, byteCount, () => this.#shared.spend(queue, byteCount, run))
  }

  holds(queue: object): boolean {
    return this.#own.holds(queue) || this.#shared.holds(queue)
  }

  giveBack(byteCount: number): void {
    this.#own.giveBack(byteCount)
    this.#shared.giveBack(byteCount)
  }

  /** Drops what waits for the document's own limit. */
  close(): void {
    this.#own.close()
  }
}
