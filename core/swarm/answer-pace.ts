/** A wait shorter than this is covered by any pipeline (our choice). */
const PAUSE_MS = 150

/** A longer wait shows the state of the network or the peer's choking rather than its speed, ms (our choice). */
const LONGEST_WAIT_MS = 1_000

/** The longest wait of the last one to two such windows counts, so that one slow answer is forgotten (our choice). */
const WINDOW_MS = 15_000

/** A peer that sends in bursts lets no more than this pass between two of them. */
const BURST_MS = 2_000

/**
 * How a peer answers requests: how long we wait for the block that is the next to come, and how much comes at a time. Some serve what
 * waits at every pulse of a timer (transmission: 500 ms), however fast their line is.
 */
export class AnswerPace {
  #pieceAtMs = Number.NEGATIVE_INFINITY
  #windowAtMs = Number.NEGATIVE_INFINITY
  #longestMs = 0
  #earlierLongestMs = 0
  #burstAtMs = Number.NEGATIVE_INFINITY
  #burstBytes = 0
  #drainedBytes = 0

  /** The longest wait of late, milliseconds. */
  get waitMs(): number {
    return Math.max(this.#longestMs, this.#earlierLongestMs)
  }

  /** Twice what came in the last burst, when that was all that had been asked for: more would have come. Else 0. */
  burstBytes(nowMs: number): number {
    return nowMs - this.#burstAtMs > BURST_MS ? 0 : 2 * this.#drainedBytes
  }

  /** A block of `byteCount` came. */
  note(byteCount: number, askedAtMs: number, nowMs: number): void {
    const waitMs = nowMs - Math.max(askedAtMs, this.#pieceAtMs)
    this.#pieceAtMs = nowMs
    this.#noteWait(Math.min(waitMs, LONGEST_WAIT_MS), nowMs)
    if (waitMs >= PAUSE_MS) {
      // Asked for since the last burst began: nothing older waits.
      this.#drainedBytes = askedAtMs >= this.#burstAtMs ? this.#burstBytes : 0
      this.#burstAtMs = nowMs
      this.#burstBytes = 0
    }
    this.#burstBytes += byteCount
  }

  #noteWait(waitMs: number, nowMs: number): void {
    const windows = (nowMs - this.#windowAtMs) / WINDOW_MS
    if (windows >= 1) {
      this.#earlierLongestMs = windows < 2 ? this.#longestMs : 0
      this.#longestMs = 0
      this.#windowAtMs = nowMs
    }
    this.#longestMs = Math.max(this.#longestMs, waitMs)
  }
}
