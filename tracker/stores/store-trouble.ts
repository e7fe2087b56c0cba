import type { Logger } from "pino"
import { type Clock, systemClock } from "../../core/base/clock.js"

/** Time without a failure until a store counts as working, because a nearly full disk takes some writes and refuses others. */
const QUIET_MS = 5_000

/** Least time between two log lines of one kind of failure. */
const SAY_AGAIN_MS = 60_000

/** Most kinds of failure that are distinguished. */
const MAX_KINDS = 16

/** Logs once that a store fails, and once that it works again, however many requests find out. */
export class StoreTrouble {
  readonly #log: Logger
  readonly #clock: Clock
  readonly #saidMs = new Map<string, number>()
  #failedMs: number | undefined
  #kind: string | undefined

  constructor(log: Logger, clock: Clock = systemClock) {
    this.#log = log
    this.#clock = clock
  }

  /** It failed, and was not seen to work since. */
  get isOpen(): boolean {
    return this.#failedMs !== undefined
  }

  /** `kind` of the last failure; undefined while the store works. */
  get kind(): string | undefined {
    return this.isOpen ? this.#kind : undefined
  }

  /** It failed within the last `ms`. */
  isWithin(ms: number): boolean {
    return this.#failedMs !== undefined && this.#clock.now() - this.#failedMs < ms
  }

  /** `kind` distinguishes causes, e.g. an errno; `message` is logged. */
  failed(error: unknown, kind: string, message: string): void {
    const nowMs = this.#clock.now()
    this.#failedMs = nowMs
    this.#kind = kind
    const saidMs = this.#saidMs.get(kind)
    if (saidMs !== undefined && nowMs - saidMs < SAY_AGAIN_MS) return
    if (this.#saidMs.size >= MAX_KINDS) this.#saidMs.clear()
    this.#saidMs.set(kind, nowMs)
    this.#log.error({ err: error }, message)
  }

  /** It did what it failed at. */
  worked(): void {
    if (this.#failedMs === undefined || this.isWithin(QUIET_MS)) return
    this.#failedMs = undefined
    this.#saidMs.clear()
    this.#log.info("the store works again")
  }
}
