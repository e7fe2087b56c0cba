import { randomUUID } from "node:crypto"
import type { IncomingMessage } from "node:http"
import {
  type AliveRequestBody,
  aliveRequestSchema,
  hashRequestSchema,
  MAX_ALIVE_HASHES,
} from "../../core/announce/shapes.js"
import { TrackerError } from "../../core/base/errors.js"
import { checkShape, Refusal } from "../base/refusal.js"
import { peersAnswerText, peersText } from "../peers/answer-json.js"
import type { SwarmView } from "../peers/peer-store.js"
import {
  announceToSwarm,
  askForMany,
  chargeDocument,
  chargeWork,
  nextInterval,
  takeDocument,
} from "./announce-to-swarm.js"
import { type Caller, callerOf, locatePeer, reachableFrom } from "./client-address.js"
import { readPeersRequest } from "./peers-request.js"
import { readJson } from "./read-body.js"
import { type Answer, JSON_HEADERS, jsonAnswer, type RouteContext } from "./route.js"

/** POST /hash: a new document, or an old one under the uuid it has; the caller is its first peer. */
export async function registerDocument(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const asked = checkShape(hashRequestSchema, await readJson(request))
  const caller = callerOf(request, context.proxies)
  const peer = locatePeer(caller, asked.listening_host, asked.listening_port, context.trustsCallers)
  chargeDocument(caller, context)
  const hash = asked.hash ?? randomUUID()
  await context.store.register(hash, peer)
  return jsonAnswer({ hash })
}

/** POST /peers: notes the caller as a peer of a document, and answers the others. */
export async function announcePeer(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const asked = readPeersRequest(await readJson(request))
  const caller = callerOf(request, context.proxies)
  const announce = {
    hash: asked.hash,
    peer: locatePeer(caller, asked.listening_host, asked.listening_port, context.trustsCallers),
    left: asked.left,
    event: asked.event,
    limit: Math.min(asked.limit ?? context.maxPeers, context.maxPeers),
  }
  const view = await announceToSwarm(announce, caller, context)
  const { seeders, leechers } = view
  const body = peersAnswerText(textFor(caller, view), nextInterval(context), seeders + leechers)
  return { headers: JSON_HEADERS, body }
}

/** The peers as this caller can reach them. */
function textFor(caller: Caller, view: SwarmView): string {
  const kept = view.readPeersText?.()
  if (kept !== undefined && (caller.onThisMachine || !kept.hasLoopback)) return kept.text
  const { peers4, peers6 } = reachableFrom(caller, view)
  return peersText(peers4, peers6)
}

/** A body that names so many documents, with room for spaces. */
const MAX_ALIVE_BYTES = 48 * MAX_ALIVE_HASHES

/** POST /alive: records the client as a seeder of many documents; answers which of them are unknown, and which have leechers. */
export async function keepAlive(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const caller = callerOf(request, context.proxies)
  // Before its body is read: a refusal costs a fraction of what is refused.
  chargeWork(caller, 0, context)
  const asked = checkShape(aliveRequestSchema, await readJson(request, MAX_ALIVE_BYTES))
  const { hashes } = asked
  chargeWork(caller, hashes.length, context)
  const registered = new Set<string>()
  const note = noting(asked, caller, context, registered)
  const views = await askForMany(hashes, caller, context, note)
  return jsonAnswer({
    unknown: hashes.filter((_, index) => views[index] === undefined),
    ...(asked.register === true && { registered: [...registered] }),
    wanted: hashes.filter((_, index) => (views[index]?.leechers ?? 0) > 0),
    most: MAX_ALIVE_HASHES,
    interval: nextInterval(context),
  })
}

/** Notes the caller as a seeder of one document, which it registers first where that is unknown and the caller asks for it. */
function noting(
  asked: AliveRequestBody,
  caller: Caller,
  context: RouteContext,
  registered: Set<string>,
): (hash: string) => Promise<SwarmView | undefined> {
  const { store, trustsCallers } = context
  const { newPeers } = context.budgets
  const { event, listening_host: host, listening_port: port } = asked
  const peer = locatePeer(caller, host, port, trustsCallers)
  const registers = asked.register === true && event !== "stopped"
  const announce = async (hash: string) => {
    // For each document: a request may have waited for others of its caller, and it names many.
    const mayAdd = newPeers.has(caller.budgetKey)
    const view = await store.announce({ hash, peer, left: 0, event, limit: 0, mayAdd })
    if (view?.caller === "added") newPeers.take(caller.budgetKey)
    return view
  }
  return async (hash) => {
    const view = await announce(hash)
    if (view !== undefined || !registers || !takeDocument(caller, context)) return view
    try {
      await store.register(hash, peer)
    } catch (error) {
      // It stays unknown: the client that registers it alone hears why not.
      if (error instanceof TrackerError && error.code === "store_full") return undefined
      throw error
    }
    registered.add(hash)
    return announce(hash)
  }
}

/** GET /health: 200 as long as requests are answered at all. */
export async function tellHealth(): Promise<Answer> {
  return jsonAnswer({ status: "ok" })
}

/** GET /ready: 200 when the store takes what is written to it, else 503 with the reason in a word. */
export async function tellReadiness(_request: IncomingMessage, { readiness }: RouteContext): Promise<Answer> {
  const fault = await readiness.findFault()
  if (fault === undefined) return jsonAnswer({ status: "ok" })
  throw new Refusal(503, "not_ready", `the store takes no writes: ${fault}`, { "retry-after": "5" })
}

/** Cost of a metrics request, in announces: it visits every document in memory. */
const METRICS_WORK = 200

/** GET /metrics, for Prometheus. */
export async function tellMetrics(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const { readMetrics } = context
  if (readMetrics === undefined) throw new Refusal(404, "not_found", "this tracker counts nothing")
  chargeWork(callerOf(request, context.proxies), METRICS_WORK, context)
  const { contentType, text } = await readMetrics()
  return { headers: ["content-type", contentType], body: Buffer.from(text) }
}
