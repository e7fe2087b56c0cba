import { type Clock, systemClock } from "../base/clock.js"
import { TrackerError } from "../base/errors.js"
import { race } from "./race.js"
import { statusOfAll } from "./status-of-all.js"
import type { AnnounceAnswer, AnnounceRequest, TrackerClient } from "./tracker-client.js"

/** Time for which a tracker that failed, or was silent while another one answered, is asked last, ms. Our choice. */
const SET_BACK_MS = 60_000

/**
 * All clients of a swarm are to meet at the first tracker, so a slow one is waited for longer than it takes when it is loaded; one that
 * is silent costs this much a minute. Our choice.
 */
const HEAD_START_MS = 4_000
const NEXT_AFTER_MS = 2_000
const MAX_AT_ONCE = 8

/** Refusals of a working tracker: the next one may accept, but this one stays first. */
const SPOKE_FOR_ITSELF: ReadonlySet<string> = new Set(["unknown_hash", "refused"])

/**
 * Several trackers as one: the first that answers, in the order given, each with a head start before the next is asked too. One that
 * fails is asked last for a minute and then first again, so that all clients of a swarm meet at the same tracker once it is back.
 *
 * A document that a tracker does not know (lost, replaced, or a standby tracker) is registered there under its own uuid before the
 * announce goes to the next tracker: a swarm outlives its tracker.
 *
 * Rejects with the failure of the tracker that was asked first. `trackers`: at least one; a function has the list as it is now.
 */
export function createTrackerList(
  trackers: readonly TrackerClient[] | (() => readonly TrackerClient[]),
  clock: Clock = systemClock,
): TrackerClient {
  const all = typeof trackers === "function" ? trackers : () => trackers
  const setBackUntilMs = new Map<TrackerClient, number>()
  let answered = all()[0]

  function inOrder(): readonly TrackerClient[] {
    const nowMs = clock.now()
    const isSetBack = (tracker: TrackerClient) => (setBackUntilMs.get(tracker) ?? Number.NEGATIVE_INFINITY) > nowMs
    const now = all()
    return [...now.filter((tracker) => !isSetBack(tracker)), ...now.filter(isSetBack)]
  }

  async function firstAnswer<T>(
    signal: AbortSignal | undefined,
    ask: (tracker: TrackerClient, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const pace = { headStartMs: HEAD_START_MS, nextAfterMs: NEXT_AFTER_MS, maxAtOnce: MAX_AT_ONCE, clock }
    const order = inOrder()
    const { won, failures, overtaken } = await race(order, ask, { ...pace, signal })
    const failed = [...failures].flatMap(([tracker, { code }]) => (SPOKE_FOR_ITSELF.has(code) ? [] : tracker))
    for (const tracker of [...failed, ...overtaken]) setBackUntilMs.set(tracker, clock.now() + SET_BACK_MS)
    if (won === undefined) throw order.flatMap((tracker) => failures.get(tracker) ?? [])[0]
    setBackUntilMs.delete(won.entrant)
    answered = won.entrant
    return won.answer
  }

  return {
    get url() {
      return answered?.url ?? ""
    },
    register: (request, signal) => firstAnswer(signal, (tracker, hangUp) => tracker.register(request, hangUp)),
    announce: (request, signal) =>
      firstAnswer(signal, (tracker, hangUp) => announceOrRegister(tracker, request, hangUp)),
    status: (request, signal) => statusOfAll(all(), request, { signal, clock }),
    alive: (request, signal) =>
      firstAnswer(signal, async (tracker, hangUp) => {
        if (tracker.alive === undefined)
          throw new TrackerError("refused", `${tracker.url} does not support batched announces`)
        return tracker.alive(request, hangUp)
      }),
  }
}

async function announceOrRegister(
  tracker: TrackerClient,
  request: AnnounceRequest,
  signal: AbortSignal,
): Promise<AnnounceAnswer> {
  try {
    return await tracker.announce(request, signal)
  } catch (error) {
    // A document that leaves needs no registration.
    if (!(error instanceof TrackerError && error.code === "unknown_hash") || request.event === "stopped") throw error
    await tracker.register(request, signal)
    return { ...(await tracker.announce(request, signal)), registeredAgain: true }
  }
}
