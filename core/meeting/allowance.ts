/** So many at once, and so many more a second. Pure: time is an argument. */
export class Allowance {
  readonly #burst: number
  readonly #perSecond: number
  #left: number
  #countedAtMs: number

  constructor(burst: number, perSecond: number, nowMs: number) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#left = burst
    this.#countedAtMs = nowMs
  }

  /** Takes up to `wanted`, whole ones; returns how many it may be. */
  take(wanted: number, nowMs: number): number {
    this.#left = Math.min(this.#burst, this.#left + ((nowMs - this.#countedAtMs) / 1_000) * this.#perSecond)
    this.#countedAtMs = nowMs
    const taken = Math.min(wanted, Math.floor(this.#left))
    this.#left -= taken
    return taken
  }

  /** Until one more may be taken, milliseconds. */
  waitMs(nowMs: number): number {
    const left = this.#left + ((nowMs - this.#countedAtMs) / 1_000) * this.#perSecond
    return left >= 1 ? 0 : Math.ceil(((1 - left) / this.#perSecond) * 1_000)
  }
}
