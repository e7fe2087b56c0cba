import { type Clock, systemClock } from "../../core/base/clock.js"
import type { PeerStore } from "../peers/peer-store.js"

/** Requests within this time get the same answer, so that a client cannot load the store by probing. */
const KEEP_MS = 1_000

/** A store that takes longer is not ready: load balancers wait for some seconds at most. */
const PROBE_WITHIN_MS = 2_000

/** Checks with a write whether a store works. */
export class Readiness {
  readonly #store: Pick<PeerStore, "probe">
  readonly #clock: Clock
  #kept: { readonly fault: string | undefined; readonly untilMs: number } | undefined
  #asking: Promise<string | undefined> | undefined
  #probing: Promise<string | undefined> | undefined

  constructor(store: Pick<PeerStore, "probe">, clock: Clock = systemClock) {
    this.#store = store
    this.#clock = clock
  }

  /** Undefined when it does; else why not, in one word. */
  async findFault(): Promise<string | undefined> {
    if (this.#kept !== undefined && this.#clock.now() < this.#kept.untilMs) return this.#kept.fault
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<string | undefined> {
    // One that hangs is waited for again, and no other is begun beside it.
    this.#probing ??= this.#store.probe().finally(() => {
      this.#probing = undefined
    })
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, PROBE_WITHIN_MS, "timeout")
    })
    const fault = await Promise.race([this.#probing, tooLate]).finally(() => clearTimeout(timer))
    this.#kept = { fault, untilMs: this.#clock.now() + KEEP_MS }
    return fault
  }
}
