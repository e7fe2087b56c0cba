import type { Clock } from "../base/clock.js"
import { StoreError } from "../base/errors.js"
import type { SwarmStore } from "./swarm-host.js"
import { digestUnits } from "./unit-digests.js"

interface PartCheckerOptions {
  readonly store: Pick<SwarmStore, "put">
  readonly clock: Clock
  /** Are digests of the part's units wanted with this outcome? */
  needsUnitDigests(index: number, outcome: "stored" | "mismatch"): boolean
  onChecked(index: number, outcome: "stored" | "mismatch" | "failed", unitDigests?: Uint8Array): void
  onStoreFailed(error: StoreError): void
  /** After all else: the bytes of the part are not used any more. */
  onDone(byteCount: number): void
}

/** Has whole parts checked and written, and knows whether any still are. */
export class PartChecker {
  readonly #options: PartCheckerOptions
  #running = 0
  #onIdle: (() => void) | undefined

  constructor(options: PartCheckerOptions) {
    this.#options = options
  }

  async check(index: number, bytes: Uint8Array): Promise<void> {
    const { store, clock, needsUnitDigests, onChecked, onStoreFailed, onDone } = this.#options
    this.#running++
    try {
      const outcome = await store.put(index, bytes)
      onChecked(index, outcome, needsUnitDigests(index, outcome) ? await digestUnits(bytes, clock) : undefined)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      onChecked(index, "failed")
      onStoreFailed(error)
    } finally {
      onDone(bytes.length)
      if (--this.#running === 0) this.#onIdle?.()
    }
  }

  /** Settles when no part is being written. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
  }
}
