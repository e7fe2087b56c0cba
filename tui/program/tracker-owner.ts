import { P2pError } from "../../core/index.js"
import type { TrackerAddress } from "../config/tracker-address.js"
import { areOursToStart, type EmbeddedTracker, startTrackerIfNone } from "./embedded-tracker.js"

/** A tracker that is restarted needs its port: a client waits this long before it takes it, milliseconds. Our choice; a restart takes one or two s. */
export const TAKE_OVER_AFTER_MS = 10_000

/** Calls `act` once after the given milliseconds, unless the returned function is called before. */
export type After = (waitMs: number, act: () => void) => () => void

const afterTimer: After = (waitMs, act) => {
  const timer = setTimeout(act, waitMs)
  return () => clearTimeout(timer)
}

export interface TrackerOwnerListener {
  /** `late`: not as the client started. */
  onStarted(tracker: EmbeddedTracker, late: boolean): void
  /** The place of a tracker that did not answer was looked at: this client or another one may have taken it. */
  onLooked(): void
  /** Something else than a tracker listens where one is expected. */
  onPortTaken(message: string): void
  /** None could be started when the one that ran had ended. */
  onProblem(error: P2pError): void
}

/**
 * The tracker inside this client: started at the start where none runs, and later when the one that ran on this machine has ended, as
 * when it ran inside a client that left. Of several clients that try, the port goes to one.
 */
export class TrackerOwner {
  #trackers: readonly TrackerAddress[]
  readonly #listener: TrackerOwnerListener
  #tracker: EmbeddedTracker | undefined
  /** What was said of ports that are taken, when they were looked at last. */
  #taken: ReadonlySet<string> = new Set()
  #turn: Promise<void> = Promise.resolve()
  #closed = false
  readonly #after: After
  #callOff: (() => void) | undefined

  constructor(trackers: readonly TrackerAddress[], listener: TrackerOwnerListener, after: After = afterTimer) {
    this.#trackers = trackers
    this.#listener = listener
    this.#after = after
  }

  /** True while the tracker runs in this process. */
  get owns(): boolean {
    return this.#tracker !== undefined
  }

  /** @throws ConfigError when none runs and none can be started. */
  start(): Promise<void> {
    return this.#start(false)
  }

  /** Of a client that had no tracker: starts one at that address, unless something listens there. @throws ConfigError likewise. */
  async startAt(address: TrackerAddress, late: boolean): Promise<void> {
    const starting = this.#turn.then(() => this.#start(late, [address]))
    this.#turn = starting.catch(() => undefined)
    await starting
  }

  /** Of such a client: its tracker is the one that runs there, whose place it takes when that has ended. */
  goBy(address: TrackerAddress): void {
    this.#trackers = [address]
  }

  async #start(late: boolean, trackers = this.#trackers): Promise<void> {
    if (this.#closed || this.owns) return
    const taken = new Set<string>()
    const tracker = await startTrackerIfNone(trackers, (message) => {
      if (!this.#taken.has(message)) this.#listener.onPortTaken(message)
      taken.add(message)
    })
    this.#taken = taken
    if (tracker === undefined) return
    if (this.#closed) return tracker.close()
    this.#tracker = tracker
    this.#listener.onStarted(tracker, late)
  }

  /** The tracker does not answer: looks after a while whether it is gone, and takes its place if so. */
  takeOver(): void {
    if (this.#closed || this.owns || this.#callOff !== undefined || !areOursToStart(this.#trackers)) return
    this.#callOff = this.#after(TAKE_OVER_AFTER_MS, () => {
      this.#callOff = undefined
      this.#turn = this.#turn.then(() => this.#look())
    })
  }

  /** Settles when the looks that have begun are done. */
  looked(): Promise<void> {
    return this.#turn
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#closed = true
    this.#callOff?.()
    await this.#turn
    await this.#tracker?.close()
  }

  async #look(): Promise<void> {
    if (this.#closed || this.owns) return
    try {
      await this.#start(true)
      this.#listener.onLooked()
    } catch (error) {
      if (!(error instanceof P2pError)) throw error
      this.#listener.onProblem(error)
    }
  }
}
