import type { Clock } from "../clock.js"

/**
 * A rate limit that is exact over any second: bytes may be spent ahead by one request, and are then waited for. Without a
 * rate everything passes. One timer runs only while somebody waits.
 */
export class TokenBucket {
  /** Unspent bytes are kept for so long: a short pause does not cost rate, a long one gives no burst. */
  static readonly burstMs = 100

  readonly #clock: Clock
  readonly #waiting: { readonly byteCount: number; readonly run: () => void }[] = []
  #bytesPerSecond: number | undefined
  #tokens = 0
  #filledAtMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(clock: Clock, bytesPerSecond: number | undefined) {
    this.#clock = clock
    this.#filledAtMs = clock.now()
    this.#bytesPerSecond = bytesPerSecond
  }

  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond
  }

  /** Changes the limit at once, for those that wait too. Undefined lifts it. */
  setRate(bytesPerSecond: number | undefined): void {
    this.#fill()
    this.#bytesPerSecond = bytesPerSecond
    this.#tokens = Math.min(this.#tokens, 0)
    this.#runReady()
  }

  /** Runs `run` when `byteCount` bytes may pass: at once, or later in order of asking. */
  spend(byteCount: number, run: () => void): void {
    this.#waiting.push({ byteCount, run })
    this.#runReady()
  }

  /** Bytes passed that could not be asked for before (they came from a socket): they are owed. */
  owe(byteCount: number): void {
    if (this.#bytesPerSecond === undefined) return
    this.#fill()
    this.#tokens -= byteCount
  }

  /** Milliseconds until nothing is owed any more; 0 when bytes may pass now. */
  debtMs(): number {
    if (this.#bytesPerSecond === undefined) return 0
    this.#fill()
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1_000) / this.#bytesPerSecond
  }

  /** Forgets who waits: their `run` is never called. */
  close(): void {
    clearTimeout(this.#timer)
    this.#waiting.length = 0
  }

  #runReady(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const waitMs = this.debtMs()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#runReady(), Math.ceil(waitMs))
        return
      }
      this.#waiting.shift()
      this.owe(next.byteCount)
      next.run()
    }
  }

  #fill(): void {
    const nowMs = this.#clock.now()
    const rate = this.#bytesPerSecond ?? 0
    const most = (rate * TokenBucket.burstMs) / 1_000
    this.#tokens = Math.min(most, this.#tokens + (rate * (nowMs - this.#filledAtMs)) / 1_000)
    this.#filledAtMs = nowMs
  }
}
