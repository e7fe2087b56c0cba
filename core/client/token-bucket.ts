import type { Clock } from "../clock.js"

interface Waiting {
  readonly byteCount: number
  readonly run: () => void
}

/**
 * A rate limit that is exact over any second: bytes may be spent ahead by one request, and are then waited for. Without a
 * rate everything passes. Who waits is served in turn, one queue (a document) after the other, each in its own order. One timer
 * runs only while somebody waits.
 */
export class TokenBucket {
  /** Unspent bytes are kept for so long: a short pause does not cost rate, a long one gives no burst. */
  static readonly burstMs = 100

  readonly #clock: Clock
  /** In the order of their turns. */
  readonly #queues = new Map<unknown, Waiting[]>()
  #bytesPerSecond: number | undefined
  #tokens = 0
  #filledAtMs: number
  #timer: NodeJS.Timeout | undefined
  #isRunning = false

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

  /** Runs `run` when `byteCount` bytes may pass: at once, or when it is this queue's turn again. */
  spend(queue: unknown, byteCount: number, run: () => void): void {
    const waiting = this.#queues.get(queue)
    if (waiting === undefined) this.#queues.set(queue, [{ byteCount, run }])
    else waiting.push({ byteCount, run })
    this.#runReady()
  }

  /** Bytes that were spent and then not sent after all: they are for others. */
  giveBack(byteCount: number): void {
    this.owe(-byteCount)
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
    this.#queues.clear()
  }

  #runReady(): void {
    // Whoever runs may spend and give back: the loop it was called from sees to that, however many do.
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      this.#runWhileReady()
    } finally {
      this.#isRunning = false
    }
  }

  #runWhileReady(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#queues.size > 0) {
      const waitMs = this.debtMs()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#runReady(), Math.ceil(waitMs))
        return
      }
      const next = this.#takeNext()
      if (next === undefined) return
      this.owe(next.byteCount)
      next.run()
    }
  }

  /** The first of the queue whose turn it is; the queue goes to the end of the row, or away when it is empty. */
  #takeNext(): Waiting | undefined {
    const [first] = this.#queues
    if (first === undefined) return undefined
    const [queue, waiting] = first
    const next = waiting.shift()
    this.#queues.delete(queue)
    if (waiting.length > 0) this.#queues.set(queue, waiting)
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
