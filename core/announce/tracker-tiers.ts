import type { Clock, Random } from "../base/clock.js"
import { TrackerError } from "../base/errors.js"
import { race } from "./race.js"
import type { AnnounceAnswer, AnnounceRequest, TrackerClient } from "./tracker-client.js"

/** Our choice: a tracker that is well answers in less, and a dead one in front costs a start no more than this. */
const HEAD_START_MS = 1_500
const NEXT_AFTER_MS = 500
const MAX_AT_ONCE = 10

/**
 * Waits after failures in a row, doubling to an hour: of one that can't be reached, and of one that answered but did not help. Our
 * choice; libtorrent begins with 17 s and is at an hour after 17 failures.
 */
const AWAY_FIRST_MS = 15_000
const REFUSED_FIRST_MS = 5 * 60_000
const BACKOFF_MAX_MS = 60 * 60_000

/** A wait that a tracker asks for after a failure is kept up to this; "never" (BEP 31) too. Our choice. */
const ASKED_WAIT_MAX_MS = 24 * 60 * 60_000

/** How one tracker of the list stands. */
interface Standing {
  readonly client: TrackerClient
  /** Failures in a row. */
  failures: number
  /** Not asked before this, monotonic milliseconds. */
  notBeforeMs: number
  /** An announce has reached it, so it is sent "stopped" at the end. */
  knowsUs: boolean
  lastFailure: TrackerError | undefined
}

/**
 * The standard trackers of one document as one, in tiers (BEP 12): shuffled within a tier; a tracker that answers moves to the front of
 * its tier. Each has a short head start before the next is asked too, so that silent ones don't delay a start. One that fails is skipped
 * for a growing time, at least as long as it demands (BEP 31).
 *
 * Rejects with the failure of the tracker that comes first, and with the time after which one may be asked again as `retryAfterMs`.
 * `tiers`: at least one tracker in all.
 */
export function createTrackerTiers(
  tiers: readonly (readonly TrackerClient[])[],
  clock: Clock,
  random: Random,
): TrackerClient {
  const standings = tiers.map((tier) => shuffled(tier, random).map(newStanding))
  let shown = standings.flat()[0]?.client

  function onAnswer(standing: Standing): void {
    Object.assign(standing, {
      failures: 0,
      notBeforeMs: Number.NEGATIVE_INFINITY,
      knowsUs: true,
      lastFailure: undefined,
    })
    shown = standing.client
    for (const tier of standings) {
      const at = tier.indexOf(standing)
      if (at > 0) tier.unshift(...tier.splice(at, 1))
    }
  }

  async function ask(request: AnnounceRequest, signal: AbortSignal | undefined): Promise<AnnounceAnswer> {
    const all = standings.flat()
    const nowMs = clock.now()
    const due = all.filter(({ notBeforeMs }) => notBeforeMs <= nowMs)
    const pace = { headStartMs: HEAD_START_MS, nextAfterMs: NEXT_AFTER_MS, maxAtOnce: MAX_AT_ONCE, signal, clock }
    const announce = (standing: Standing, hangUp: AbortSignal) =>
      standing.client.announce(asHeardBy(standing, request), hangUp)
    const { won, failures, overtaken } = await race(due, announce, pace)
    for (const [standing, error] of failures) noteFailure(standing, error, clock.now(), random)
    for (const standing of overtaken) noteFailure(standing, undefined, clock.now(), random)
    if (won === undefined) throw noneAnswers(all, clock.now())
    onAnswer(won.entrant)
    return won.answer
  }

  /** Sends "stopped" to the trackers that list us, all at once. */
  async function leave(request: AnnounceRequest, signal: AbortSignal | undefined): Promise<AnnounceAnswer> {
    const known = standings.flat().filter(({ knowsUs }) => knowsUs)
    for (const standing of known) standing.knowsUs = false
    const [first] = await Promise.all(known.map(({ client }) => client.announce(request, signal)))
    if (first === undefined) throw new TrackerError("unknown_hash", "no tracker knows this document")
    return first
  }

  return {
    get url() {
      return shown?.url ?? ""
    },
    register: () =>
      Promise.reject(new TrackerError("refused", "documents can't be registered with a standard BitTorrent tracker")),
    announce: (request, signal) => (request.event === "stopped" ? leave(request, signal) : ask(request, signal)),
  }
}

/** The tracker is skipped for a growing time. `error`: none when another one answered first. */
function noteFailure(standing: Standing, error: TrackerError | undefined, nowMs: number, random: Random): void {
  const firstMs = error === undefined || isAway(error) ? AWAY_FIRST_MS : REFUSED_FIRST_MS
  const backoffMs = Math.min(firstMs * 2 ** Math.min(standing.failures, 20) * (0.75 + 0.5 * random()), BACKOFF_MAX_MS)
  const waitMs = Math.max(backoffMs, Math.min(error?.retryAfterMs ?? 0, ASKED_WAIT_MAX_MS))
  standing.failures++
  standing.notBeforeMs = nowMs + waitMs
  standing.lastFailure = error ?? standing.lastFailure
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items]
  const order: T[] = []
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1))
  return order
}

function newStanding(client: TrackerClient): Standing {
  return { client, failures: 0, notBeforeMs: Number.NEGATIVE_INFINITY, knowsUs: false, lastFailure: undefined }
}

function isAway({ code }: TrackerError): boolean {
  return code === "unreachable" || code === "timeout" || code === "busy"
}

/** The first event for a tracker is "started" (BEP 3), whatever was sent to other trackers before. */
function asHeardBy({ knowsUs }: Standing, request: AnnounceRequest): AnnounceRequest {
  return knowsUs || request.event !== undefined ? request : { ...request, event: "started" }
}

function noneAnswers(all: readonly Standing[], nowMs: number): TrackerError {
  const first = all.flatMap(({ lastFailure }) => lastFailure ?? [])[0]
  const { code = "unreachable", message = "no tracker answers", status } = first ?? {}
  const words = all.length === 1 ? message : `none of ${all.length} trackers helps; the first: ${message}`
  const retryAfterMs = Math.max(0, Math.min(...all.map(({ notBeforeMs }) => notBeforeMs)) - nowMs)
  return new TrackerError(code, words, { cause: first, retryAfterMs, ...(status !== undefined && { status }) })
}
