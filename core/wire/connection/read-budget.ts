/**
 * How much of this thread's time one peer's messages may take (our choice): a tenth in the long run, more for a moment, for a bitfield or
 * a row of requests comes at once.
 */
const SHARE = 0.1
const MOST_CREDIT_MS = 20

/** Credit for each byte of payload received or sent, ms: it pays for the messages around it, far more than they take (measured). */
const CREDIT_MS_PER_PAYLOAD_BYTE = 0.1 / (16 * 1024)

/**
 * A few dozen messages never take longer: the thread was interrupted (garbage collection, a busy machine). One interruption costs a
 * peer its credit and no more; an honest one continues.
 */
const MOST_USED_MS = MOST_CREDIT_MS

/**
 * Decides when to pause reading from a peer, by the time that its messages took: transfers with other peers keep most of the thread
 * even if a message costs more than expected. Pure.
 */
export class ReadBudget {
  #creditMs = MOST_CREDIT_MS
  #countedAtMs: number

  constructor(nowMs: number) {
    this.#countedAtMs = nowMs
  }

  /** Payload of `byteCount` bytes arrived in its place, or was sent. */
  earn(byteCount: number): void {
    this.#creditMs = Math.min(MOST_CREDIT_MS, this.#creditMs + byteCount * CREDIT_MS_PER_PAYLOAD_BYTE)
  }

  /**
   * Messages took `usedMs` until `nowMs`. Returns for how many milliseconds nothing more is to be read; 0: read on. `waiting` others that
   * have used up their time too share the tenth with it.
   */
  spend(usedMs: number, nowMs: number, waiting: number): number {
    const share = SHARE / (1 + waiting)
    this.#creditMs = Math.min(MOST_CREDIT_MS, this.#creditMs + (nowMs - this.#countedAtMs) * share)
    this.#countedAtMs = nowMs
    this.#creditMs -= Math.min(usedMs, MOST_USED_MS)
    return this.#creditMs >= 0 ? 0 : -this.#creditMs / share
  }
}
