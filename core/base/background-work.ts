import { setImmediate } from "node:timers"
import type { Steps } from "./steps.js"

/** Steps that are taken before others have a turn. Our choice: some milliseconds. */
const AT_ONCE = 2

/** Work in steps whose result is there at once if it is little, and later if it is much. */
export class BackgroundWork<R> {
  readonly #steps: Steps<R>
  readonly #onDone: () => void
  #result: { readonly value: R } | undefined
  #isGivenUp = false

  /** `onDone`: called when the result was not there at once. */
  constructor(steps: Steps<R>, onDone: () => void) {
    this.#steps = steps
    this.#onDone = onDone
    if (!this.#goOn()) this.#later()
  }

  get result(): R | undefined {
    return this.#result?.value
  }

  /** No further step is taken. */
  giveUp(): void {
    this.#isGivenUp = true
  }

  #later(): void {
    setImmediate(() => {
      if (this.#isGivenUp) return
      if (this.#goOn()) this.#onDone()
      else this.#later()
    })
  }

  #goOn(): boolean {
    for (let count = 0; count < AT_ONCE; count++) {
      const step = this.#steps.next()
      if (!step.done) continue
      this.#result = { value: step.value }
      return true
    }
    return false
  }
}
