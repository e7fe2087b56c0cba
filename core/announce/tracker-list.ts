import { type Clock, systemClock } from "../clock.js"
import { TrackerError } from "../errors.js"
import type { AnnounceAnswer, AnnounceRequest, TrackerClient } from "./tracker-client.js"

/** A tracker that failed is asked last for so long. Our choice: it costs one wait of the timeout a minute at most. */
const SET_BACK_MS = 60_000

/** What a tracker that is well says no with: the next one may say yes, but this one is asked first again. */
const SPOKE_FOR_ITSELF: ReadonlySet<string> = new Set(["unknown_hash", "refused"])

/**
 * Several trackers as one: the first that answers, in the order given. One that fails is set back for a minute and then
 * asked first again, so that all clients of a swarm meet at the same tracker once it is back.
 *
 * A tracker that does not know a document (it was lost, replaced, or joins in for another) is told of it under its own
 * uuid before the announce goes to the next one: a swarm outlives its tracker (design.md, "Tracker").
 *
 * Rejects with the failure of the tracker that was asked first. `trackers`: at least one.
 */
export function createTrackerList(trackers: readonly TrackerClient[], clock: Clock = systemClock): TrackerClient {
  const setBackUntilMs = new Map<TrackerClient, number>()
  let answered = trackers[0]

  function inOrder(): readonly TrackerClient[] {
    const nowMs = clock.now()
    const isSetBack = (tracker: TrackerClient) => (setBackUntilMs.get(tracker) ?? Number.NEGATIVE_INFINITY) > nowMs
    return [...trackers.filter((tracker) => !isSetBack(tracker)), ...trackers.filter(isSetBack)]
  }

  async function firstAnswer<T>(ask: (tracker: TrackerClient) => Promise<T>): Promise<T> {
    let firstFailure: unknown
    for (const tracker of inOrder()) {
      try {
        const answer = await ask(tracker)
        setBackUntilMs.delete(tracker)
        answered = tracker
        return answer
      } catch (error) {
        // An aborted wait is nobody's failure.
        if (!(error instanceof TrackerError)) throw error
        firstFailure ??= error
        if (!SPOKE_FOR_ITSELF.has(error.code)) setBackUntilMs.set(tracker, clock.now() + SET_BACK_MS)
      }
    }
    throw firstFailure
  }

  return {
    get url() {
      return answered?.url ?? ""
    },
    register: (request, signal) => firstAnswer((tracker) => tracker.register(request, signal)),
    announce: (request, signal) => firstAnswer((tracker) => announceOrRegister(tracker, request, signal)),
    alive: (request, signal) =>
      firstAnswer(async (tracker) => {
        if (tracker.alive === undefined)
          throw new TrackerError("refused", `${tracker.url} takes one document at a time`)
        return tracker.alive(request, signal)
      }),
  }
}

async function announceOrRegister(
  tracker: TrackerClient,
  request: AnnounceRequest,
  signal: AbortSignal | undefined,
): Promise<AnnounceAnswer> {
  try {
    return await tracker.announce(request, signal)
  } catch (error) {
    // Whoever leaves has no use for a document that is known.
    if (!(error instanceof TrackerError && error.code === "unknown_hash") || request.event === "stopped") throw error
    await tracker.register(request, signal)
    return { ...(await tracker.announce(request, signal)), registeredAgain: true }
  }
}
