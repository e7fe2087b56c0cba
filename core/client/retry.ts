import type { P2pError } from "../errors.js"
import { mayComeBack, passesByItself } from "./document-phase.js"

/** What passes by itself is tried again after so long; a file that went away is looked at again, more and more rarely. Our choice. */
const RETRY_MS = 5_000
const MAX_LOOK_MS = 60_000

/** Tries a document that has failed again, without being asked. */
export class Retry {
  #timer: NodeJS.Timeout | undefined
  #round = 0

  /** Tries again in the way that fits what has failed, or not at all. */
  after(error: P2pError, file: { isBack(): Promise<boolean> }, again: () => void): void {
    if (passesByItself(error)) this.soon(again)
    else if (mayComeBack(error)) this.when(() => file.isBack(), again)
  }

  /** Once, after a while. */
  soon(again: () => void): void {
    this.stop()
    this.#timer = setTimeout(again, RETRY_MS)
  }

  /** Once, when `isBack` says so, which is asked at growing intervals and must not reject. */
  when(isBack: () => Promise<boolean>, again: () => void): void {
    this.stop()
    this.#look(isBack, again, RETRY_MS)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#round++
  }

  #look(isBack: () => Promise<boolean>, again: () => void, waitMs: number): void {
    const round = this.#round
    const look = async (): Promise<void> => {
      const back = await isBack()
      if (round !== this.#round) return
      if (back) again()
      else this.#look(isBack, again, Math.min(2 * waitMs, MAX_LOOK_MS))
    }
    this.#timer = setTimeout(() => void look(), waitMs)
  }
}
