import type { Clock } from "../base/clock.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { type Lengths, partLength } from "../torrent/lengths.js"
import type { SwarmStore } from "../transfer/swarm-host.js"
import { LARGE_BLOCK_BYTES, STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"

/** The fault of a machine in a simulation: sends bytes that fail their check, or claims every part and never sends one. */
export type Fault = "lies" | "silent"

/** Until a part is checked and written. */
const CHECK_MS = 1

/** The document of every simulation consists of zeros. */
const RIGHT_BYTES = new Uint8Array(LARGE_BLOCK_BYTES)
const WRONG_BYTES = new Uint8Array(LARGE_BLOCK_BYTES).fill(1)

/** The parts on disk in a simulation. One byte of each 16 KiB unit is checked, and none is kept. */
export class SimulatedStore implements SwarmStore {
  readonly have: Bitfield
  readonly doubtful: readonly number[] = []
  readonly #lengths: Lengths
  readonly #clock: Clock
  readonly #fault: Fault | undefined

  constructor(lengths: Lengths, have: Bitfield, clock: Clock, fault?: Fault) {
    this.have = have
    this.#lengths = lengths
    this.#clock = clock
    this.#fault = fault
  }

  get isGrowing(): boolean {
    return !this.have.isFull
  }

  put(partIndex: number, bytes: Uint8Array): Promise<"stored" | "mismatch"> {
    if (bytes.length !== partLength(this.#lengths, partIndex)) throw new RangeError(`part ${partIndex} is not whole`)
    return new Promise((resolve) => {
      this.#clock.after(CHECK_MS, () => {
        const isRight = areZeros(bytes)
        if (isRight) this.have.add(partIndex)
        resolve(isRight ? "stored" : "mismatch")
      })
    })
  }

  read(_partIndex: number, _offset: number, length: number): ReturnType<SwarmStore["read"]> {
    if (this.#fault === "silent") return new Promise(() => undefined)
    const bytes = this.#fault === "lies" ? WRONG_BYTES : RIGHT_BYTES
    return Promise.resolve({ bytes: bytes.subarray(0, length), release: () => undefined })
  }

  async checkDoubtful(): Promise<void> {
    // There are none.
  }
}

function areZeros(bytes: Uint8Array): boolean {
  for (let offset = 0; offset < bytes.length; offset += STANDARD_BLOCK_BYTES) if (bytes[offset] !== 0) return false
  return true
}
