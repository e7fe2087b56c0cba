import type { AskedTracker, MachineSnapshot, SwarmStatus } from "../api/swarm-status.js"
import type { Clock } from "../base/clock.js"
import { deadlineAfter } from "../base/deadline.js"
import { TrackerError } from "../base/errors.js"
import { expectManyListeners } from "../base/many-listeners.js"
import { DEFAULT_STATUS_MACHINES, MAX_STATUS_MACHINES } from "./shapes.js"
import type { StatusRequest, TrackerClient } from "./tracker-client.js"

/** After the first answer the other trackers have so much longer, ms. Our choice: one that is away must not hold up the rest. */
const OTHERS_MS = 3_000

interface Outcome {
  readonly tracker: TrackerClient
  readonly status?: SwarmStatus
  readonly error?: TrackerError
}

/**
 * The status that several trackers know together: a machine that moved from one to the other counts once, with what it said last. Rejects
 * with the failure of the first tracker when none answers.
 */
export async function statusOfAll(
  trackers: readonly TrackerClient[],
  request: StatusRequest,
  { signal, clock }: { readonly signal: AbortSignal | undefined; readonly clock: Clock },
): Promise<SwarmStatus> {
  // A machine can only be recognised in whole lists.
  const asked = trackers.length === 1 ? request : { ...request, limit: MAX_STATUS_MACHINES }
  const outcomes = await outcomesOf(trackers, asked, signal, clock)
  const answers = outcomes.flatMap(({ status }) => status ?? [])
  const tried = outcomes.map(({ tracker, error }): AskedTracker => {
    return { url: tracker.url, problem: error && { code: error.code, message: error.message } }
  })
  const [first] = answers
  if (first === undefined) throw outcomes[0]?.error ?? new TrackerError("unreachable", "no tracker answers")
  if (answers.length === 1 && trackers.length === 1) return { ...first, trackers: tried }
  return { ...merged(answers, request.limit ?? DEFAULT_STATUS_MACHINES), trackers: tried }
}

async function outcomesOf(
  trackers: readonly TrackerClient[],
  request: StatusRequest,
  signal: AbortSignal | undefined,
  clock: Clock,
): Promise<readonly Outcome[]> {
  const late = new AbortController()
  const ending = AbortSignal.any([late.signal, ...(signal === undefined ? [] : [signal])])
  expectManyListeners(ending)
  let deadline: ReturnType<typeof deadlineAfter> | undefined
  const outcomes = trackers.map(async (tracker): Promise<Outcome> => {
    try {
      const status = await statusFrom(tracker, request, ending)
      if (deadline === undefined) {
        deadline = deadlineAfter(clock, OTHERS_MS)
        deadline.signal.addEventListener("abort", () => late.abort(), { once: true })
      }
      return { tracker, status }
    } catch (error) {
      if (late.signal.aborted)
        return { tracker, error: new TrackerError("timeout", `${tracker.url} has not answered yet`) }
      if (error instanceof TrackerError) return { tracker, error }
      throw error
    }
  })
  try {
    return await Promise.all(outcomes)
  } finally {
    deadline?.callOff()
  }
}

function statusFrom(tracker: TrackerClient, request: StatusRequest, signal: AbortSignal): Promise<SwarmStatus> {
  if (tracker.status === undefined)
    throw new TrackerError("status_unsupported", `the tracker at ${tracker.url} does not tell how far machines are`)
  return tracker.status(request, signal)
}

/** Where a list was cut, the sums of the largest answer stand for all, so that no machine counts twice. */
function merged(answers: readonly SwarmStatus[], limit: number): Omit<SwarmStatus, "trackers"> {
  const known = new Map<string, MachineSnapshot>()
  for (const machine of answers.flatMap(({ machines }) => machines)) {
    const before = known.get(machine.address)
    if (before === undefined || machine.heardSecondsAgo < before.heardSecondsAgo) known.set(machine.address, machine)
  }
  const machines = [...known.values()].sort(mostLeftFirst)
  const shown = machines.slice(0, limit)
  const [largest] = [...answers].sort((one, other) => other.total - one.total)
  if (largest !== undefined && answers.some((answer) => answer.machines.length < answer.total)) {
    const { total, complete, downloading, silent } = largest
    return { machines: shown, total, complete, downloading, silent }
  }
  const count = (state: MachineSnapshot["state"]) => machines.filter((machine) => machine.state === state).length
  const sums = { complete: count("complete"), downloading: count("downloading"), silent: count("silent") }
  return { machines: shown, total: machines.length, ...sums }
}

/** As a tracker sorts them: those that did not say how much they lack stand before the complete ones. */
function mostLeftFirst(one: MachineSnapshot, other: MachineSnapshot): number {
  const rank = ({ leftBytes }: MachineSnapshot) => leftBytes ?? 0.5
  return rank(other) - rank(one) || (one.address < other.address ? -1 : 1)
}
