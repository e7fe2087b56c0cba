import type { Interest } from "../commands/client-view.js"
import type { Picture } from "./picture.js"
import { PictureMaker, type PictureSources } from "./picture-maker.js"

/** Four pictures a second: numbers that change faster can't be read. */
const SHORTEST_MS = 250
const LONGEST_MS = 2_000

/** Pictures for one screen take at most one part in this number of the thread's time, which transfers share. Our choice. */
const SHARE = 20

/**
 * Sends pictures to one attached screen while the client changes: one at a time, the next when the last has arrived. What changes meanwhile is
 * in the next one, so a screen that is stopped or slow gets fewer, and none waits for it.
 */
export class PictureSender {
  readonly #maker: PictureMaker
  readonly #send: (picture: Picture) => void
  readonly #ends: (() => void)[]
  #interest: Interest
  #isAwaited = false
  #isDirty = false
  #timer: NodeJS.Timeout | undefined
  #intervalMs = SHORTEST_MS

  constructor(sources: PictureSources, interest: Interest, send: (picture: Picture) => void) {
    const { client, journal } = sources
    this.#maker = new PictureMaker(sources)
    this.#interest = interest
    this.#send = send
    this.#ends = [
      client.onChange(() => this.#changed()),
      journal.follow(() => {
        if (this.#interest.log) this.#changed()
      }),
    ]
    this.sendNow()
  }

  /** Something else is looked at: shown at once. */
  lookAt(interest: Interest): void {
    this.#interest = interest
    this.sendNow()
  }

  /** The last picture has arrived. */
  seen(): void {
    this.#isAwaited = false
    if (this.#isDirty) this.#changed()
  }

  /** For what the screen's user has done: also before the last picture has arrived. */
  sendNow(): void {
    this.#isAwaited = true
    this.#isDirty = false
    const fromMs = performance.now()
    this.#send(this.#maker.make(this.#interest))
    this.#intervalMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SHARE * (performance.now() - fromMs)))
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const end of this.#ends.splice(0)) end()
  }

  #changed(): void {
    this.#isDirty = true
    if (this.#isAwaited) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      if (this.#isDirty && !this.#isAwaited) this.sendNow()
    }, this.#intervalMs)
  }
}
