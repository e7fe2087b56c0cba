import { formatAddress } from "../address/address.js"
import type { Clock, Random } from "../base/clock.js"
import { deadlineAfter } from "../base/deadline.js"
import { TrackerError } from "../base/errors.js"
import { GOODBYE_MS } from "./goodbye.js"
import { type AnnounceSchedule, afterAnswer, afterFailure, dueNow, newSchedule, nextAnnounceAtMs } from "./schedule.js"
import type { SeedAnnounceBatcher } from "./seed-announce-batcher.js"
import type { AnnounceEvent } from "./shapes.js"
import type { TrackerWithStatus } from "./tracker-with-status.js"

/** What the announcer needs from its document and reports to it. */
export interface AnnouncerHost {
  /** Bytes of the document that are still missing, wanted or not. */
  leftBytes(): number
  /** Payload of this session. */
  transferredBytes(): { readonly uploaded: number; readonly downloaded: number }
  isStarved(): boolean
  onPeers(addresses: readonly string[]): void
  /** The tracker did not know the document and has registered it. */
  onRegisteredAgain(): void
}

export interface AnnouncerOptions {
  /** Of the document: its info hash in hex. */
  readonly hash: string
  readonly tracker: TrackerWithStatus
  /** Of that tracker: announces the document once it is finished. */
  readonly batcher: SeedAnnounceBatcher
  readonly host: AnnouncerHost
  readonly clock: Clock
  readonly random: Random
}

/**
 * Announces the document to the tracker and requests peers: at the tracker's interval, sooner when starved, with backoff while the
 * tracker is unreachable. A finished document takes part in the batched announces instead, and announces alone only when a peer wants it.
 */
export class Announcer {
  readonly #hash: string
  readonly #tracker: TrackerWithStatus
  readonly #batcher: SeedAnnounceBatcher
  readonly #host: AnnouncerHost
  readonly #clock: Clock
  readonly #random: Random
  #schedule: AnnounceSchedule
  #event: AnnounceEvent | undefined = "started"
  #stopTimer: () => void = () => undefined
  #asking: AbortController | undefined
  /** Resolves when the last announce is answered, or has failed. */
  #answered: Promise<void> = Promise.resolve()
  /** The announce after the one that is under way, which may have reached the tracker too early. */
  #following: Promise<void> | undefined
  #wasStarved = false
  #stopped = false
  #inRounds = false
  #nextAtMs: number | undefined

  constructor({ hash, tracker, batcher, host, clock, random }: AnnouncerOptions) {
    this.#hash = hash
    this.#tracker = tracker
    this.#batcher = batcher
    this.#host = host
    this.#clock = clock
    this.#random = random
    this.#schedule = newSchedule(clock.now())
  }

  start(): void {
    this.#arm()
  }

  /** When the tracker is asked again, for this document alone or for all, monotonic milliseconds; undefined while it is asked. */
  get nextAtMs(): number | undefined {
    if (this.#asking !== undefined) return undefined
    return this.#inRounds ? this.#batcher.nextAtMs : this.#nextAtMs
  }

  /** Checks whether the document has become starved or has its missing parts: moves the next announce accordingly. */
  reconsider(): void {
    if (this.#stopped || this.#inRounds || this.#host.isStarved() === this.#wasStarved) return
    this.#arm()
  }

  /** Announces the document now, which registers it with a tracker that does not know it. Resolves when that was answered, or failed. */
  async announceNow(): Promise<void> {
    if (this.#stopped || this.#tracker.isNone) return
    await (this.#asking === undefined ? this.#ask() : this.#askOnceMore())
  }

  /** What is wanted of the document is complete and safe on disk; all of it is announced to the tracker at once. */
  completed(): void {
    if (this.#host.leftBytes() > 0) return
    this.#event = "completed"
    this.#arm()
  }

  /** Another tracker may have taken the place of the one that heard the last announce: announces the document now. */
  announceAgain(): void {
    if (this.#inRounds) return this.#batcher.announceAgain()
    if (this.#asking !== undefined) return void this.#askOnceMore()
    this.#schedule = dueNow(this.#schedule, this.#clock.now())
    this.#arm()
  }

  /**
   * Takes us off the tracker's list; gives up after a short while, for this is on the way out. `silently`: our entry stays, because this
   * client announces the document in another way from now on.
   */
  async stop({ silently = false }: { readonly silently?: boolean } = {}): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#stopTimer()
    this.#asking?.abort()
    if (silently) return
    if (this.#inRounds) return this.#batcher.stop(this.#hash)
    // No goodbye while the tracker fails: our entry expires there. That the document is complete is worth an attempt.
    if (this.#tracker.isNone || (this.#schedule.failures > 0 && this.#event !== "completed")) return
    const deadline = deadlineAfter(this.#clock, GOODBYE_MS)
    await this.#tracker
      .announce({ ...this.#standing(), event: "stopped", limit: 0 }, deadline.signal)
      .catch(() => undefined)
      .finally(() => deadline.callOff())
  }

  /** The byte counts of an announce. */
  #standing() {
    return { hash: this.#hash, left: this.#host.leftBytes(), ...this.#host.transferredBytes() }
  }

  #arm(): void {
    // The announce that is under way arms when it ends.
    if (this.#asking !== undefined) return
    this.#stopTimer()
    if (this.#stopped || this.#tracker.isNone || this.#joinRounds()) return
    this.#wasStarved = this.#host.isStarved()
    const atMs = nextAnnounceAtMs(this.#schedule, {
      starved: this.#wasStarved,
      eventWaiting: this.#event !== undefined,
    })
    this.#nextAtMs = atMs
    this.#stopTimer = this.#clock.after(Math.max(0, atMs - this.#clock.now()), () => void this.#ask())
  }

  /** True when no peers are needed and the batched announces keep our entry alive. */
  #joinRounds(): boolean {
    const isFinished = this.#host.leftBytes() === 0 && this.#event !== "completed"
    if (isFinished === this.#inRounds) return this.#inRounds
    if (isFinished && !this.#batcher.isSupported) return false
    this.#inRounds = isFinished
    if (isFinished)
      this.#batcher.join(this.#hash, {
        announceOnce: () => void (this.#asking ?? this.#ask()),
        onRegisteredAgain: () => this.#host.onRegisteredAgain(),
        fallBack: () => {
          this.#inRounds = false
          this.#arm()
        },
      })
    else this.#batcher.leave(this.#hash)
    return isFinished
  }

  #ask(): Promise<void> {
    this.#stopTimer()
    this.#answered = this.#askTracker()
    return this.#answered
  }

  /** While an announce is under way. One more serves all that wish for it. */
  #askOnceMore(): Promise<void> {
    this.#following ??= this.#answered.then(() => {
      this.#following = undefined
      if (this.#asking !== undefined) return this.#answered
      return this.#stopped ? undefined : this.#ask()
    })
    return this.#following
  }

  async #askTracker(): Promise<void> {
    const event = this.#event
    this.#asking = new AbortController()
    try {
      const answer = await this.#tracker.announce({ ...this.#standing(), ...(event && { event }) }, this.#asking.signal)
      // It came in the moment of leaving.
      if (this.#stopped) return
      if (this.#event === event) this.#event = undefined
      const starved = this.#host.isStarved()
      this.#schedule = afterAnswer(this.#schedule, { ...answer, nowMs: this.#clock.now(), starved }, this.#random)
      if (answer.registeredAgain === true) this.#host.onRegisteredAgain()
      this.#host.onPeers(answer.peers.map(formatAddress))
    } catch (error) {
      if (this.#stopped) return
      if (!(error instanceof TrackerError)) throw error
      this.#schedule = afterFailure(
        this.#schedule,
        { nowMs: this.#clock.now(), retryAfterMs: error.retryAfterMs },
        this.#random,
      )
    } finally {
      this.#asking = undefined
    }
    this.#arm()
  }
}
