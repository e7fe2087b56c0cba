import type { Clock, Random } from "../base/clock.js"
import { TrackerError } from "../base/errors.js"
import { GOODBYE_MS } from "./goodbye.js"
import { type AnnounceSchedule, afterAnswer, afterFailure, dueNow, newSchedule, nextAnnounceAtMs } from "./schedule.js"
import { FIRST_ALIVE_HASHES, MAX_ALIVE_HASHES } from "./shapes.js"
import { isUnsupported, type TrackerWithStatus } from "./tracker-with-status.js"

/** Documents that join within this time share a request, ms: a start with 1,000 documents takes a few requests. */
const GATHER_MS = 50

/** For one request of a round, over all trackers of the list. Our choice: longer than one tracker's own time-out. */
const ROUND_MS = 20_000

/** A finished document whose entry at the tracker only needs to be kept alive. */
export interface RoundMember {
  /** A peer of the document lacks parts, or the tracker does not know the document: it announces alone, once. */
  announceOnce(): void
  /** The tracker did not know the document, and has registered it. */
  onRegisteredAgain(): void
  /** The tracker does not support batched announces: from now on the document announces alone. */
  fallBack(): void
}

/**
 * Announces all finished documents to the tracker together. With one announce each, a client that seeds 1,000 documents would announce
 * all the time; batched, it sends a few requests every interval.
 */
export class SeedAnnounceBatcher {
  readonly #tracker: TrackerWithStatus
  readonly #clock: Clock
  readonly #random: Random
  readonly #members = new Map<string, RoundMember>()
  /** Joined since the last round. */
  #fresh = new Set<string>()
  #leaving = new Set<string>()
  #goodbye: Promise<void> | undefined
  #schedule: AnnounceSchedule
  #stopTimer: () => void = () => undefined
  /** Of the round that is under way. */
  #asking: AbortController | undefined
  /** A round of all documents has to follow the one that is under way, which may have reached the tracker too early. */
  #isWantedAgain = false
  #supported = true
  /** Documents that the tracker takes in one request, as far as it has said so. */
  #most = FIRST_ALIVE_HASHES
  /** A tracker, or a proxy before it, has refused as many as the tracker said: what it says does not count any more. */
  #hasRefusedMost = false
  #nextAtMs: number | undefined

  constructor(tracker: TrackerWithStatus, clock: Clock, random: Random) {
    this.#tracker = tracker
    this.#clock = clock
    this.#random = random
    this.#schedule = newSchedule(clock.now())
  }

  /** False once the tracker has shown that it supports no batched announces. */
  get isSupported(): boolean {
    return this.#supported
  }

  /** When the next batched announce is due, monotonic milliseconds; undefined while one is running. */
  get nextAtMs(): number | undefined {
    return this.#asking === undefined ? this.#nextAtMs : undefined
  }

  join(hash: string, member: RoundMember): void {
    this.#members.set(hash, member)
    this.#fresh.add(hash)
    this.#arm()
  }

  /** The document announces alone again. */
  leave(hash: string): void {
    this.#members.delete(hash)
    this.#fresh.delete(hash)
    if (this.#members.size > 0) return
    this.#stopTimer()
    this.#asking?.abort()
  }

  /** Another tracker may have taken the place of the one that heard the last round: announces all documents now. */
  announceAgain(): void {
    this.#isWantedAgain = this.#asking !== undefined
    this.#schedule = dueNow(this.#schedule, this.#clock.now())
    this.#arm()
  }

  /** Removes a document from the tracker; documents that leave together share a request. */
  stop(hash: string): Promise<void> {
    this.leave(hash)
    // No goodbye while the tracker fails: the entry expires there.
    if (this.#schedule.failures > 0) return Promise.resolve()
    this.#leaving.add(hash)
    this.#goodbye ??= new Promise<void>((resolve) => this.#clock.soon(resolve)).then(() => this.#sayGoodbye())
    return this.#goodbye
  }

  #arm(): void {
    this.#stopTimer()
    // A round that is under way arms when it ends.
    if (this.#members.size === 0 || this.#asking !== undefined) return
    const dueAtMs = nextAnnounceAtMs(this.#schedule, { starved: false, eventWaiting: false })
    const waitMs = Math.max(0, dueAtMs - this.#clock.now())
    // After a failure added documents wait for the retry like all others.
    const gather = this.#fresh.size > 0 && this.#schedule.failures === 0
    const gatherMs = Math.min(GATHER_MS, waitMs) || GATHER_MS
    const afterMs = gather ? gatherMs : waitMs
    this.#nextAtMs = this.#clock.now() + afterMs
    this.#stopTimer = this.#clock.after(afterMs, () => void this.#round())
  }

  /** All documents when the interval is over, else the added ones. */
  async #round(): Promise<void> {
    const everybody = this.#clock.now() >= this.#schedule.dueAtMs
    const hashes = everybody ? [...this.#members.keys()] : [...this.#fresh]
    const before = this.#fresh
    this.#fresh = new Set()
    this.#asking = new AbortController()
    const { signal } = this.#asking
    try {
      for (let from = 0; from < hashes.length; ) {
        const some = hashes.slice(from, from + this.#most)
        await this.#tell(some, everybody, signal)
        from += some.length
      }
    } catch (error) {
      // Aborted: every document of this round has left.
      if (!signal.aborted) this.#onFailure(error, before)
    } finally {
      this.#asking = undefined
    }
    if (this.#isWantedAgain) this.announceAgain()
    else this.#arm()
  }

  #onFailure(error: unknown, before: ReadonlySet<string>): void {
    if (!(error instanceof TrackerError)) throw error
    const isTooMany = isUnsupported(error) && this.#most > FIRST_ALIVE_HASHES
    if (isUnsupported(error) && !isTooMany) return this.#fallBack()
    for (const hash of before) if (this.#members.has(hash)) this.#fresh.add(hash)
    // Another tracker may have taken the place of the one that takes so many.
    this.#most = FIRST_ALIVE_HASHES
    if (isTooMany) {
      this.#hasRefusedMost = true
      this.#isWantedAgain = true
      return
    }
    const failure = { nowMs: this.#clock.now(), retryAfterMs: error.retryAfterMs }
    this.#schedule = afterFailure(this.#schedule, failure, this.#random)
  }

  async #tell(hashes: readonly string[], everybody: boolean, signal: AbortSignal): Promise<void> {
    const answer = await this.#tracker.alive(hashes, { deadlineMs: ROUND_MS, register: true, signal })
    const { unknown, registered = [], wanted, most = FIRST_ALIVE_HASHES, intervalSeconds } = answer
    if (!this.#hasRefusedMost) this.#most = Math.min(Math.max(most, FIRST_ALIVE_HASHES), MAX_ALIVE_HASHES)
    if (everybody) {
      const answered = { nowMs: this.#clock.now(), intervalSeconds, starved: false }
      this.#schedule = afterAnswer(this.#schedule, answered, this.#random)
    }
    for (const hash of registered) this.#members.get(hash)?.onRegisteredAgain()
    for (const hash of [...unknown, ...wanted]) this.#members.get(hash)?.announceOnce()
  }

  #fallBack(): void {
    this.#supported = false
    const members = [...this.#members.values()]
    this.#members.clear()
    for (const member of members) member.fallBack()
  }

  async #sayGoodbye(): Promise<void> {
    const hashes = [...this.#leaving]
    this.#leaving = new Set()
    this.#goodbye = undefined
    try {
      await Promise.all(
        chunks(hashes, this.#most).map((some) =>
          this.#tracker.alive(some, { deadlineMs: GOODBYE_MS, event: "stopped" }),
        ),
      )
    } catch {
      // Whatever went wrong, we are on the way out, and the entries expire anyway.
    }
  }
}

function chunks(hashes: readonly string[], most: number): string[][] {
  const count = Math.ceil(hashes.length / most)
  return Array.from({ length: count }, (_, chunk) => hashes.slice(chunk * most, (chunk + 1) * most))
}
