import type { Clock } from "../base/clock.js"
import { TrackerError } from "../base/errors.js"

export interface RaceOptions {
  /** How long the first is waited for alone, and then every further one before the next is asked too. */
  readonly headStartMs: number
  readonly nextAfterMs: number
  /** Most that are asked at a time. */
  readonly maxAtOnce: number
  readonly signal: AbortSignal | undefined
  readonly clock: Clock
}

export interface RaceResult<Entrant, Answer> {
  /** Undefined when none answered. */
  readonly won: { readonly entrant: Entrant; readonly answer: Answer } | undefined
  readonly failures: ReadonlyMap<Entrant, TrackerError>
  /** Asked before the winner, and still silent when it answered: hung up on. */
  readonly overtaken: readonly Entrant[]
}

/**
 * Asks in the order given: the next entrant as soon as one fails, or when those before were silent for a while. The first answer wins,
 * and the other requests are aborted. Rejects with the reason of an aborted `signal`, and with any error other than a TrackerError.
 */
export function race<Entrant, Answer>(
  entrants: readonly Entrant[],
  ask: (entrant: Entrant, signal: AbortSignal) => Promise<Answer>,
  options: RaceOptions,
): Promise<RaceResult<Entrant, Answer>> {
  return new Promise((resolve, reject) => new Race(entrants, ask, options, { resolve, reject }).begin())
}

class Race<Entrant, Answer> {
  readonly #entrants: readonly Entrant[]
  readonly #ask: (entrant: Entrant, signal: AbortSignal) => Promise<Answer>
  readonly #options: RaceOptions
  readonly #resolve: (result: RaceResult<Entrant, Answer>) => void
  readonly #reject: (error: unknown) => void
  readonly #over = new AbortController()
  readonly #asked: Entrant[] = []
  readonly #failures = new Map<Entrant, TrackerError>()
  #stopTimer: () => void = () => undefined

  constructor(
    entrants: readonly Entrant[],
    ask: (entrant: Entrant, signal: AbortSignal) => Promise<Answer>,
    options: RaceOptions,
    settle: {
      readonly resolve: (result: RaceResult<Entrant, Answer>) => void
      readonly reject: (error: unknown) => void
    },
  ) {
    this.#entrants = entrants
    this.#ask = ask
    this.#options = options
    this.#resolve = settle.resolve
    this.#reject = settle.reject
  }

  begin(): void {
    const { signal } = this.#options
    if (signal?.aborted === true) return this.#fail(signal.reason)
    signal?.addEventListener("abort", this.#onAbort, { once: true })
    this.#askNext()
  }

  /** Asks the next one, unless enough are being asked; the race ends when none is left and none is pending. */
  #askNext(): void {
    this.#stopTimer()
    const silent = this.#asked.length - this.#failures.size
    const entrant = this.#entrants[this.#asked.length]
    if (entrant === undefined) {
      if (silent === 0) this.#end(undefined)
      return
    }
    // The next one that fails makes room.
    if (silent >= this.#options.maxAtOnce) return
    this.#asked.push(entrant)
    const { headStartMs, nextAfterMs, clock } = this.#options
    const waitMs = this.#asked.length === 1 ? headStartMs : nextAfterMs
    this.#stopTimer = clock.after(waitMs, () => this.#askNext())
    this.#ask(entrant, this.#over.signal).then(
      (answer) => this.#end({ entrant, answer }),
      (error: unknown) => this.#onFailure(entrant, error),
    )
  }

  #onFailure(entrant: Entrant, error: unknown): void {
    // Hung up on: its failure is ours.
    if (this.#over.signal.aborted) return
    if (!(error instanceof TrackerError)) return this.#fail(error)
    this.#failures.set(entrant, error)
    this.#askNext()
  }

  #end(won: { readonly entrant: Entrant; readonly answer: Answer } | undefined): void {
    if (this.#over.signal.aborted) return
    this.#close()
    const before = won === undefined ? [] : this.#asked.slice(0, this.#asked.indexOf(won.entrant))
    const overtaken = before.filter((entrant) => !this.#failures.has(entrant))
    this.#resolve({ won, failures: this.#failures, overtaken })
  }

  #fail(error: unknown): void {
    this.#close()
    this.#reject(error)
  }

  readonly #onAbort = () => this.#fail(this.#options.signal?.reason)

  #close(): void {
    this.#stopTimer()
    this.#options.signal?.removeEventListener("abort", this.#onAbort)
    this.#over.abort()
  }
}
