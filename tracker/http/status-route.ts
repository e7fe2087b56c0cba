import type { IncomingMessage } from "node:http"
import {
  DEFAULT_STATUS_MACHINES,
  MAX_STATUS_MACHINES,
  type MachineShape,
  type StatusAnswerShape,
  type StatusRequestBody,
  statusRequestSchema,
} from "../../core/announce/shapes.js"
import { checkShape, Refusal } from "../base/refusal.js"
import { COMPACT4_BYTES, compactHost, compactPort } from "../peers/compact.js"
import type { MachineStatus, SwarmStatus } from "../peers/swarm-status.js"
import { chargeSize, chargeWork } from "./announce-to-swarm.js"
import { type Caller, callerOf, reachablePeer } from "./client-address.js"
import { parameterOf } from "./query.js"
import { readJson } from "./read-body.js"
import { type Answer, jsonAnswer, type RouteContext } from "./route.js"

/** Peers that a status looks at for the cost of an announce. Ours: 100,000 take some 40 ms. */
const PEERS_PER_ANNOUNCE = 100

/** POST /status: how far the peers of a document are. The caller becomes none of them. */
export async function tellStatus(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const caller = callerOf(request, context.proxies)
  chargeWork(caller, 1, context)
  return answerTo(checkShape(statusRequestSchema, await readJson(request)), caller, context)
}

/** GET /status?hash=<uuid>&limit=<n>: the same for a client that knows this tracker from a torrent file, to which it sends no more than a GET. */
export async function getStatus(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const caller = callerOf(request, context.proxies)
  chargeWork(caller, 1, context)
  const { url = "" } = request
  const limit = parameterOf(url, "limit")
  const asked = { hash: parameterOf(url, "hash"), ...(limit !== undefined && { limit: Number(limit) }) }
  return answerTo(checkShape(statusRequestSchema, asked), caller, context)
}

async function answerTo(
  { hash, limit = DEFAULT_STATUS_MACHINES }: StatusRequestBody,
  caller: Caller,
  context: RouteContext,
): Promise<Answer> {
  // One after the other, because a large swarm takes a while; the sums take none, and say what the list costs.
  const status = await context.turns.take(caller.budgetKey, async () => {
    const sums = await context.store.status(hash, 0)
    if (sums === undefined) return undefined
    chargeSize(caller, Math.floor(totalOf(sums) / PEERS_PER_ANNOUNCE), context)
    return limit === 0 ? sums : context.store.status(hash, Math.min(limit, MAX_STATUS_MACHINES))
  })
  if (status === undefined) throw new Refusal(404, "unknown_hash", `no document ${hash} was registered here`)
  const { complete, downloading, silent } = status
  const machines = status.machines.map((machine) => shapeOf(machine, caller))
  return jsonAnswer({ machines, total: totalOf(status), complete, downloading, silent } satisfies StatusAnswerShape)
}

function totalOf({ complete, downloading, silent }: SwarmStatus): number {
  return complete + downloading + silent
}

function shapeOf({ peer, state, left, bytesPerSecond, heardSecondsAgo }: MachineStatus, caller: Caller): MachineShape {
  const reachable = reachablePeer(caller, peer)
  return {
    listening_host: hostOf(reachable),
    listening_port: compactPort(reachable),
    state,
    left: left ?? null,
    rate: bytesPerSecond,
    heard: heardSecondsAgo,
  }
}

function hostOf(peer: Uint8Array): string {
  return peer.length === COMPACT4_BYTES ? peer.subarray(0, 4).join(".") : compactHost(peer)
}
