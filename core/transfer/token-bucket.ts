import type { Clock } from "../base/clock.js"

interface Waiting {
  readonly byteCount: number
  /** Virtual start time, bytes (start-time fair queueing, Goyal et al. 1996). */
  readonly start: number
  readonly run: () => void
}

/**
 * A rate limit that is exact over any second: one request may overdraw the bucket, and later requests wait. Without a rate there is
 * no wait. Queues (documents) that always have demand get equal bytes, each in its own order. One timer runs, only while a request waits.
 */
export class TokenBucket {
  /** Unspent tokens are kept for this time, ms: a short pause costs no rate, a long one causes no burst. */
  static readonly burstMs = 100

  readonly #clock: Clock
  readonly #queues = new Map<object, Waiting[]>()
  /** Up to where each queue has asked, in the same measure as `start`. */
  readonly #asked = new WeakMap<object, number>()
  /** Where the last one that was served started. */
  #served = 0
  #bytesPerSecond: number | undefined
  #tokens = 0
  #filledAtMs: number
  #stopTimer: () => void = () => undefined
  #isRunning = false

  constructor(clock: Clock, bytesPerSecond: number | undefined) {
    this.#clock = clock
    this.#filledAtMs = clock.now()
    this.#bytesPerSecond = bytesPerSecond
  }

  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond
  }

  /** Changes the limit at once, also for waiting requests. Undefined removes it. */
  setRate(bytesPerSecond: number | undefined): void {
    this.#fill()
    this.#bytesPerSecond = bytesPerSecond
    this.#tokens = Math.min(this.#tokens, 0)
    this.#runReady()
  }

  /** Calls `run` when `byteCount` bytes may pass: at once, or when `queue` is next. Its identity is the key; a queue is served first in, first out. */
  spend(queue: object, byteCount: number, run: () => void): void {
    // An idle queue earns no credit: its clock is set to that of the queue served last.
    const start = Math.max(this.#served, this.#asked.get(queue) ?? 0)
    this.#asked.set(queue, start + byteCount)
    const waiting = this.#queues.get(queue)
    if (waiting === undefined) this.#queues.set(queue, [{ byteCount, start, run }])
    else waiting.push({ byteCount, start, run })
    this.#runReady()
  }

  /** Does this queue wait for the limit now? */
  holds(queue: object): boolean {
    return this.#queues.has(queue)
  }

  /** Bytes that were spent and then not sent after all: they are for others. */
  giveBack(byteCount: number): void {
    this.#owe(-byteCount)
    this.#runReady()
  }

  #owe(byteCount: number): void {
    if (this.#bytesPerSecond === undefined) return
    this.#fill()
    this.#tokens -= byteCount
  }

  /** Milliseconds until nothing is owed any more; 0 when bytes may pass now. */
  #debtMs(): number {
    if (this.#bytesPerSecond === undefined) return 0
    this.#fill()
    return this.#tokens >= 0 ? 0 : (-this.#tokens * 1_000) / this.#bytesPerSecond
  }

  /** Drops all waiting requests: their `run` is never called. */
  close(): void {
    this.#stopTimer()
    this.#queues.clear()
  }

  #runReady(): void {
    // A `run` may call `spend` and `giveBack`: the outer loop handles these, however many there are.
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      this.#runWhileReady()
    } finally {
      this.#isRunning = false
    }
  }

  #runWhileReady(): void {
    this.#stopTimer()
    while (this.#queues.size > 0) {
      const waitMs = this.#debtMs()
      if (waitMs > 0) {
        this.#stopTimer = this.#clock.after(Math.ceil(waitMs), () => this.#runReady())
        return
      }
      const next = this.#takeNext()
      if (next === undefined) return
      this.#owe(next.byteCount)
      next.run()
    }
  }

  /** The one that started first. Few documents transfer at a time, so a linear search costs nothing. */
  #takeNext(): Waiting | undefined {
    let best: readonly [object, Waiting[]] | undefined
    for (const entry of this.#queues) if (best === undefined || startOf(entry[1]) < startOf(best[1])) best = entry
    if (best === undefined) return undefined
    const [queue, waiting] = best
    const next = waiting.shift()
    if (waiting.length === 0) this.#queues.delete(queue)
    this.#served = next?.start ?? this.#served
    return next
  }

  #fill(): void {
    const nowMs = this.#clock.now()
    const rate = this.#bytesPerSecond ?? 0
    const most = (rate * TokenBucket.burstMs) / 1_000
    this.#tokens = Math.min(most, this.#tokens + (rate * (nowMs - this.#filledAtMs)) / 1_000)
    this.#filledAtMs = nowMs
  }
}

function startOf(waiting: readonly Waiting[]): number {
  return waiting[0]?.start ?? Number.POSITIVE_INFINITY
}
