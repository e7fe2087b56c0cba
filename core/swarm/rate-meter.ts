/** How fast bytes go by, smoothed over a few seconds; never looks at a clock itself. */
export class RateMeter {
  /** Time constant of the smoothing, ms: after this time 63 % of a change shows. */
  static readonly smoothingMs = 3_000

  totalBytes = 0
  #pendingBytes = 0
  #rate = 0
  #knownRate = 0
  #sampledAtMs: number
  /** Time covered so far, up to the time constant: makes the first seconds a plain mean instead of a slow climb. */
  #coveredMs = 0
  /** How long nothing came. */
  #stillMs = 0

  constructor(nowMs: number) {
    this.#sampledAtMs = nowMs
  }

  /** Bytes per second as of the last sample. */
  get bytesPerSecond(): number {
    return this.#rate
  }

  /** As of the last sample in which something came: silence says nothing of how fast a peer is. 0 before the first. */
  get knownBytesPerSecond(): number {
    return this.#knownRate
  }

  add(byteCount: number): void {
    this.totalBytes += byteCount
    this.#pendingBytes += byteCount
  }

  /** Folds in what came since the last sample. Samples closer than 50 ms wait for the next: they would only be noise. */
  sample(nowMs: number): void {
    const elapsedMs = nowMs - this.#sampledAtMs
    if (elapsedMs < 50) return
    const rate = (this.#pendingBytes * 1_000) / elapsedMs
    this.#coveredMs = Math.min(RateMeter.smoothingMs, this.#coveredMs + elapsedMs)
    this.#rate += (rate - this.#rate) * Math.min(1, elapsedMs / this.#coveredMs)
    this.#stillMs = this.#pendingBytes > 0 ? 0 : this.#stillMs + elapsedMs
    if (this.#stillMs === 0) this.#knownRate = this.#rate
    // Nothing for a while is nothing: a mean that fades for a minute would show a transfer that is over.
    if (this.#stillMs >= RateMeter.smoothingMs) this.#rate = 0
    this.#pendingBytes = 0
    this.#sampledAtMs = nowMs
  }
}
