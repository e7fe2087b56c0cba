import { formatAddress } from "../address/address.js"
import { parseHost } from "../address/host.js"
import type { MachineSnapshot, SwarmStatus } from "../api/swarm-status.js"
import { TrackerError } from "../base/errors.js"
import type { HttpAnswer } from "./http-exchange.js"
import type { MachineShape, StatusAnswerShape } from "./shapes.js"

/** The status in a tracker's answer. `read`: checks the body of one that is no refusal, and throws a TrackerError for another. */
export function readStatus(answer: HttpAnswer<string>, url: string, read: () => StatusAnswerShape): SwarmStatus {
  if (isTooOld(answer))
    throw new TrackerError(
      "status_unsupported",
      `the tracker at ${url} does not tell how far machines are: it is older than this client; update p2p-tracker there`,
      { status: answer.status },
    )
  const { machines, ...sums } = read()
  return { machines: machines.flatMap(machineOf), ...sums, trackers: [{ url, problem: undefined }] }
}

/** A tracker without this path answers 404 with another code than for an unknown document. */
function isTooOld({ status, body }: HttpAnswer<string>): boolean {
  return (status === 404 && !body.includes('"unknown_hash"')) || status === 405 || status === 501
}

/** None for a host that is no address: an answer is not trusted in what it is shown as. */
function machineOf({
  listening_host,
  listening_port: port,
  state,
  left,
  rate,
  heard,
}: MachineShape): readonly MachineSnapshot[] {
  const host = parseHost(listening_host)?.host
  if (host === undefined) return []
  const address = formatAddress({ host, port })
  return [{ address, state, leftBytes: left ?? undefined, bytesPerSecond: rate, heardSecondsAgo: heard }]
}
