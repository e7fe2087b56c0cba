import pLimit from "p-limit"
import type { EventListener } from "../api/events.js"
import type { SwarmStatus } from "../api/swarm-status.js"
import type { TrackerProblem, TrackerSnapshot } from "../api/tracker-snapshot.js"
import type { Clock } from "../base/clock.js"
import { deadlineAfter } from "../base/deadline.js"
import { displayMessage } from "../base/display.js"
import { errnoOf, TrackerError } from "../base/errors.js"
import type { AliveAnswer, AnnounceAnswer, AnnounceRequest, StatusRequest, TrackerClient } from "./tracker-client.js"

/** Our choice: enough for a tracker far away, few enough for one on this machine to keep up. */
const MAX_REQUESTS_AT_ONCE = 16

/** Different warnings of a tracker that are logged. Our choice: a log is not theirs to fill. */
const MAX_WARNINGS = 20

/** An announce of a document, without where we listen: `TrackerWithStatus` adds that. */
export type DocumentAnnounce = Omit<AnnounceRequest, "listeningHost" | "listeningPort">

export interface AliveOptions {
  readonly deadlineMs: number
  readonly event?: "stopped"
  readonly register?: boolean
  readonly signal?: AbortSignal
}

/** The refusals by which another tracker answers a request that only this project's tracker supports. */
export function isUnsupported(error: TrackerError): boolean {
  return error.code === "refused" || error.code === "unknown_hash" || error.code === "bad_answer"
}

/**
 * A tracker (or a list of them) for all documents of a client: adds our listening address to each request, and holds the tracker's state
 * for the screen. Reports a change of that state once, not at every announce.
 */
export class TrackerWithStatus {
  #tracker: TrackerClient | undefined
  readonly #listening: { readonly listeningHost: string; readonly listeningPort: number }
  readonly #clock: Clock
  readonly #onEvent: EventListener
  readonly #onChange: (() => void) | undefined
  readonly #isOwn: () => boolean
  /** A thousand documents that begin at once are no thousand requests at once. */
  readonly #atOnce = pLimit(MAX_REQUESTS_AT_ONCE)
  #state: TrackerSnapshot["state"]
  #answeredAtMs: number | undefined
  #problem: TrackerProblem | undefined
  /** Warnings already reported. */
  readonly #warnings = new Set<string>()

  /** `tracker`: undefined where there is none; then nothing is announced, and requests reject. */
  constructor(
    tracker: TrackerClient | undefined,
    options: {
      readonly listeningHost: string
      readonly listeningPort: number
      /** True while the tracker runs inside this process. */
      readonly isOwn?: (() => boolean) | undefined
      readonly clock: Clock
      readonly onEvent: EventListener
      /** What `snapshot` shows has changed. */
      readonly onChange?: () => void
    },
  ) {
    this.#tracker = tracker
    this.#state = tracker === undefined ? "none" : "unasked"
    this.#listening = { listeningHost: options.listeningHost, listeningPort: options.listeningPort }
    this.#isOwn = options.isOwn ?? (() => false)
    this.#clock = options.clock
    this.#onEvent = options.onEvent
    this.#onChange = options.onChange
  }

  get url(): string {
    return this.#tracker?.url ?? ""
  }

  /** True where there is no tracker. */
  get isNone(): boolean {
    return this.#tracker === undefined
  }

  /** There was no tracker; from now on there is one. */
  adopt(tracker: TrackerClient): void {
    this.#tracker = tracker
    this.#state = "unasked"
    this.#onChange?.()
  }

  snapshot(): TrackerSnapshot {
    return {
      url: this.url,
      kind: this.#isOwn() ? "own" : "remote",
      state: this.#state,
      answeredAtMs: this.#answeredAtMs,
      problem: this.#problem,
    }
  }

  /** Registers a new document and resolves with its uuid. */
  async register(signal?: AbortSignal): Promise<string> {
    const tracker = this.#present
    return this.#watch(this.#atOnce(() => tracker.register(this.#listening, signal)))
  }

  /** Announces this client (or its departure) and requests the other peers. */
  async announce(request: DocumentAnnounce, signal: AbortSignal): Promise<AnnounceAnswer> {
    const tracker = this.#present
    const ask = () => {
      // Given up while it waited for its turn.
      signal.throwIfAborted()
      return tracker.announce({ ...this.#listening, ...request }, signal)
    }
    const answer = await this.#watch(this.#atOnce(ask))
    for (const warning of answer.warnings ?? []) this.#warn(warning)
    return answer
  }

  /** How far the machines of a document are. A tracker that can't tell that is not away, so the shown state stays. */
  status(request: StatusRequest, signal: AbortSignal): Promise<SwarmStatus> {
    if (this.#tracker === undefined)
      return Promise.reject(
        new TrackerError("status_unsupported", "this document has no tracker, which alone knows how far machines are"),
      )
    const { status } = this.#tracker
    if (status === undefined)
      return Promise.reject(
        new TrackerError(
          "status_unsupported",
          "this document has standard BitTorrent trackers, which do not tell how far machines are",
        ),
      )
    return this.#atOnce(() => status(request, signal))
  }

  /**
   * Announces that these documents are still seeded, or, with "stopped", that they are not. After `deadlineMs` without an answer it rejects
   * with a TrackerError "timeout", as for any other failure of the tracker; `signal` aborts it without a failure of the tracker.
   */
  async alive(hashes: readonly string[], options: AliveOptions): Promise<AliveAnswer> {
    const { deadlineMs, event, register } = options
    const { alive } = this.#present
    if (alive === undefined) throw new TrackerError("refused", "this tracker does not support batched announces")
    const deadline = deadlineAfter(this.#clock, deadlineMs)
    const over = deadline.signal
    const signal = options.signal === undefined ? over : AbortSignal.any([over, options.signal])
    const answer = alive({ ...this.#listening, hashes, ...(event && { event }), ...(register && { register }) }, signal)
      .catch((error: unknown) => {
        if (!over.aborted || error !== over.reason) throw error
        throw new TrackerError("timeout", `no tracker answered within ${deadlineMs / 1_000} s`, { cause: error })
      })
      .finally(() => deadline.callOff())
    return this.#watchRound(answer)
  }

  get #present(): TrackerClient {
    if (this.#tracker === undefined) throw new TypeError("there is no tracker to ask")
    return this.#tracker
  }

  /** A tracker without batched announces is working; the next announce reports any other problem. */
  async #watchRound(answer: Promise<AliveAnswer>): Promise<AliveAnswer> {
    const settled = answer.catch((error: unknown) => {
      if (error instanceof TrackerError && isUnsupported(error)) return error
      throw error
    })
    const value = await this.#watch(settled)
    if (value instanceof TrackerError) throw value
    return value
  }

  async #watch<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer
      this.#enter("answering", undefined)
      this.#answeredAtMs = this.#clock.now()
      return value
    } catch (error) {
      if (error instanceof TrackerError) this.#onFailure(error)
      throw error
    }
  }

  /** Each warning once: a tracker gives it with every answer. */
  #warn(warning: string): void {
    if (this.#warnings.has(warning) || this.#warnings.size >= MAX_WARNINGS) return
    this.#warnings.add(warning)
    this.#onEvent({ level: "warn", name: "tracker_warning", message: `${this.url}: ${warning}` })
  }

  #onFailure(error: TrackerError): void {
    // Only "stopped" to a replaced tracker gets this answer: the tracker works.
    if (error.code === "unknown_hash") return this.#enter("answering", undefined)
    const refused = error.status !== undefined && error.code !== "busy"
    this.#enter(refused ? "refusing" : "away", this.#problemOf(error))
  }

  #problemOf({ code, message, status, retryAfterMs, cause }: TrackerError): TrackerProblem {
    const retryAtMs = retryAfterMs === undefined ? undefined : this.#clock.now() + retryAfterMs
    return { code, message: displayMessage(message), status, errno: errnoOf(cause), retryAtMs }
  }

  #sayAway({ code, message, status, errno }: TrackerProblem): void {
    this.#onEvent({ level: "warn", name: "tracker_away", message, facts: { code, status, errno } })
  }

  #enter(state: TrackerSnapshot["state"], problem: TrackerProblem | undefined): void {
    const changed = state !== this.#state
    const first = this.#state === "unasked"
    // Every failure is reported: it moves the time of the next retry.
    const isNews = changed || problem !== undefined
    this.#state = state
    this.#problem = problem
    if (isNews) this.#onChange?.()
    if (!changed) return
    if (problem !== undefined) this.#sayAway(problem)
    else if (!first)
      this.#onEvent({ level: "info", name: "tracker_back", message: `the tracker at ${this.url} answers again` })
  }
}
