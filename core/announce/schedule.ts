import type { Random } from "../base/clock.js"

/**
 * When to announce next. Pure: every change takes the time and the chance it needs, and returns a new schedule. All
 * times are monotonic milliseconds.
 */
export interface AnnounceSchedule {
  /** When the tracker expects the next announce, or when a retry after a failure is due. */
  readonly dueAtMs: number
  /** When a starved download (no peers, or none that moves) asks again: never later than `dueAtMs`. */
  readonly starvedDueAtMs: number
  /** When an event (completed, stopped) may be sent: at once while the tracker answers, at the retry while it does not. */
  readonly eventDueAtMs: number
  /** Failures in a row; 0 while the tracker answers. */
  readonly failures: number
  /** Answers in a row that found us starved. */
  readonly starvedRounds: number
  /** The tracker's interval as we keep to it, milliseconds. */
  readonly intervalMs: number
}

/** The inputs of a decision beside the schedule. */
export interface AnnounceNeed {
  /** The download has no peers, or none that moves. */
  readonly starved: boolean
  /** "completed" or "stopped" waits to be sent. */
  readonly eventWaiting: boolean
}

/** Intervals outside these are taken for a mistake of the tracker. Our choice. */
const MIN_INTERVAL_MS = 5_000
const MAX_INTERVAL_MS = 60 * 60_000

/** Upper bound of the minimum interval that a standard tracker may set. Our choice. */
const MAX_STANDARD_INTERVAL_MS = 24 * 60 * 60_000

/**
 * A starved download asks after 2 s, then after twice as long each time, until the interval is reached. Our choice: five times in
 * the first minute.
 */
const STARVED_FIRST_MS = 2_000
const STARVED_GROWTH = 2

/**
 * After a failure: 1 s, doubling. Never rarer than the interval (at most 2 minutes), so that a tracker that comes back
 * has its swarm again within one interval; that is no more load than its usual one.
 */
const RETRY_FIRST_MS = 1_000
const RETRY_MAX_MS = 2 * 60_000

/** A wait that a tracker, or a list of them, asks for after a failure is kept up to this. Our choice. */
const RETRY_AFTER_MAX_MS = 24 * 60 * 60_000

/** Waits are spread over +-10 %, retries over the upper half, so that a swarm does not come back as one crowd. */
const JITTER = 0.1

/** Nothing announced yet: due at once. */
export function newSchedule(nowMs: number): AnnounceSchedule {
  return {
    dueAtMs: nowMs,
    starvedDueAtMs: nowMs,
    eventDueAtMs: nowMs,
    failures: 0,
    starvedRounds: 0,
    intervalMs: 30_000,
  }
}

export interface Answered {
  readonly nowMs: number
  readonly intervalSeconds: number
  /** Of a standard tracker (BEP 3's `min interval`): asked no sooner than that, starved or not. */
  readonly minIntervalSeconds?: number | undefined
  /** How the document stood when the answer came, before its peers were tried. */
  readonly starved: boolean
}

/** The tracker answered. */
export function afterAnswer(schedule: AnnounceSchedule, answer: Answered, random: Random): AnnounceSchedule {
  const { nowMs, starved } = answer
  const isStandard = answer.minIntervalSeconds !== undefined
  const maxMs = isStandard ? MAX_STANDARD_INTERVAL_MS : MAX_INTERVAL_MS
  const intervalMs = clamp(answer.intervalSeconds * 1_000, MIN_INTERVAL_MS, maxMs)
  const leastMs = isStandard ? clamp((answer.minIntervalSeconds ?? 0) * 1_000, MIN_INTERVAL_MS, maxMs) : 0
  const starvedRounds = starved ? schedule.starvedRounds + 1 : 0
  const starvedWaitMs = Math.min(STARVED_FIRST_MS * STARVED_GROWTH ** Math.max(0, starvedRounds - 1), intervalMs)
  const spread = 1 - JITTER + 2 * JITTER * random()
  const dueMs = Math.max(intervalMs * spread, leastMs)
  return {
    dueAtMs: nowMs + dueMs,
    starvedDueAtMs: nowMs + Math.max(starvedWaitMs * spread, Math.min(STARVED_FIRST_MS, dueMs), leastMs),
    eventDueAtMs: nowMs,
    failures: 0,
    starvedRounds,
    intervalMs,
  }
}

/** The tracker did not answer, or refused. `retryAfterMs`: how long it asked us to stay away, if it did. */
export function afterFailure(
  schedule: AnnounceSchedule,
  failure: { readonly nowMs: number; readonly retryAfterMs?: number | undefined },
  random: Random,
): AnnounceSchedule {
  const maxMs = Math.min(schedule.intervalMs, RETRY_MAX_MS)
  const backoffMs = Math.min(RETRY_FIRST_MS * 2 ** Math.min(schedule.failures, 30), maxMs) * (0.5 + 0.5 * random())
  const waitMs = Math.max(backoffMs, clamp(failure.retryAfterMs ?? 0, 0, RETRY_AFTER_MAX_MS))
  const dueAtMs = failure.nowMs + waitMs
  return {
    ...schedule,
    dueAtMs,
    starvedDueAtMs: dueAtMs,
    eventDueAtMs: dueAtMs,
    failures: schedule.failures + 1,
  }
}

/** There is reason to believe that the tracker answers now, or another one in its place. */
export function dueNow(schedule: AnnounceSchedule, nowMs: number): AnnounceSchedule {
  return { ...schedule, dueAtMs: nowMs, starvedDueAtMs: nowMs, eventDueAtMs: nowMs }
}

/** When to announce next, monotonic milliseconds; may lie in the past, which means now. */
export function nextAnnounceAtMs(schedule: AnnounceSchedule, need: AnnounceNeed): number {
  if (need.eventWaiting) return schedule.eventDueAtMs
  return need.starved ? schedule.starvedDueAtMs : schedule.dueAtMs
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max)
}
