import { type P2pError, type SwarmStatus, TrackerError } from "../../core/index.js"
import { formatCount } from "../base/format.js"
import { TimeUpError } from "../base/time-up-error.js"
import { CompleteCount } from "./complete-count.js"

/** Time between two questions, ms: short at first, for a small document on a fast network. Our choice. */
const FIRST_POLL_MS = 500
const MAX_POLL_MS = 5_000

/** After failures, and at most what a busy tracker asks for. Our choice: a tracker that is restarted is found soon. */
const MAX_RETRY_MS = 10_000

/** Pollers that started together do not stay together. */
const JITTER = 0.2

/** An answer may take so long after the time is up. */
const LAST_ANSWER_MS = 2_000

/** Failures of a tracker that time does not mend. */
const FINAL_CODES: ReadonlySet<string> = new Set(["status_unsupported", "refused"])

export interface PeersWait {
  /** Of the document. */
  readonly name: string
  /** Peers besides the first that had the document. */
  readonly wanted: number
  /** Undefined: no end. */
  readonly timeoutMs: number | undefined
  readonly signal: AbortSignal
  /** `limit`: machines to list, 0 for the sums alone. */
  ask(limit: number, signal: AbortSignal): Promise<SwarmStatus>
  /** Whenever the count changed. */
  onCount(have: number): void
  /** The tracker has begun to fail; the wait goes on. */
  onTrouble(error: TrackerError): void
  /** Monotonic milliseconds. */
  now(): number
  random(): number
  sleep(ms: number): Promise<void>
}

/**
 * Resolves when enough peers have all of a document. A machine that was complete once counts, also when its tracker was restarted and
 * forgot it. Rejects with TimeUpError "wait_timeout", with the tracker's failure when the time is up
 * while it fails, and at once with a failure that time does not mend.
 */
export async function untilPeersHave(wait: PeersWait): Promise<void> {
  const { wanted, timeoutMs, now } = wait
  const endMs = timeoutMs === undefined ? Number.POSITIVE_INFINITY : now() + timeoutMs
  const late = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs + LAST_ANSWER_MS)
  const ending = late === undefined ? wait.signal : AbortSignal.any([late, wait.signal])
  const count = new CompleteCount((limit) => wait.ask(limit, ending))
  let pauseMs = FIRST_POLL_MS
  let failure: TrackerError | undefined
  for (let have = -1; ; ) {
    try {
      const before = have
      have = await count.ask()
      failure = undefined
      if (have !== before) wait.onCount(have)
      if (have >= wanted) return
    } catch (error) {
      if (late?.aborted === true && !wait.signal.aborted) throw timeUp(wait, have, failure)
      if (!(error instanceof TrackerError) || FINAL_CODES.has(error.code)) throw error
      count.onTrouble()
      if (failure?.code !== error.code) wait.onTrouble(error)
      failure = error
    }
    const leftMs = endMs - now()
    if (leftMs <= 0) throw timeUp(wait, have, failure)
    await wait.sleep(Math.min(leftMs, pauseAfter(failure, pauseMs) * (1 - JITTER * wait.random())))
    pauseMs = Math.min(pauseMs * 1.5, MAX_POLL_MS)
  }
}

function pauseAfter(failure: TrackerError | undefined, pauseMs: number): number {
  return failure === undefined ? pauseMs : Math.min(Math.max(failure.retryAfterMs ?? 0, pauseMs), MAX_RETRY_MS)
}

function timeUp({ name, wanted }: PeersWait, have: number, failure: TrackerError | undefined): P2pError {
  if (failure !== undefined)
    return new TrackerError(failure.code, `the time is up, and ${failure.message}`, { cause: failure })
  return new TimeUpError(
    "wait_timeout",
    `the time is up: ${formatCount(Math.max(0, have))} of ${formatCount(wanted)} peers have all of ${name}`,
  )
}
