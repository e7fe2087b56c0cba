import { CommandError } from "../errors.js"
import { throwBugs } from "./until-aborted.js"

/**
 * One change of a document at a time, in the order they are asked for. Changes that take long get a signal; a later change that overrides
 * them aborts it, also while they wait for their turn. After `close` none is taken.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()
  #overriding = new AbortController()
  #closed: Promise<unknown> | undefined

  get isClosed(): boolean {
    return this.#closed !== undefined
  }

  /** Settles when no change is under way or waiting. */
  async settled(): Promise<void> {
    await this.#last
  }

  /** @throws what `override` or `close` was given, when that comes before the end; CommandError "closed" after `close`. */
  take<T>(change: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.isClosed) return Promise.reject(new CommandError("closed", "this document is not in the list any more"))
    const { signal } = this.#overriding
    return this.#append(() => {
      signal.throwIfAborted()
      return change(signal)
    })
  }

  /** For a change that nobody waits for. A failure of it is seen elsewhere; a bug ends the program loudly. */
  takeAside(change: (signal: AbortSignal) => Promise<void>): void {
    this.take(change).catch(throwBugs)
  }

  /** Takes a turn after those that were asked for before have given up. */
  override<T>(reason: CommandError, change: () => Promise<T>): Promise<T> {
    if (this.isClosed) return Promise.reject(new CommandError("closed", "this document is not in the list any more"))
    this.#overriding.abort(reason)
    this.#overriding = new AbortController()
    return this.#append(change)
  }

  /** The last turn. */
  close<T>(reason: CommandError, change: () => Promise<T>): Promise<T> {
    const closed = this.override(reason, change)
    this.#closed = closed
    return closed
  }

  #append<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
