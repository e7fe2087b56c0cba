import { randomUUID } from "node:crypto"
import type { IncomingMessage } from "node:http"
import type { z } from "zod"
import { hashRequestSchema, peersRequestSchema } from "../core/announce/shapes.js"
import { announceToSwarm, chargeDocument, nextInterval } from "./announce-to-swarm.js"
import { encodePeersAnswer } from "./answer-json.js"
import { callerOf, locatePeer } from "./client-address.js"
import { readJson } from "./read-body.js"
import { Refusal } from "./refusal.js"
import type { Answer, RouteContext } from "./route.js"

/** POST /hash: a new document, or an old one under the uuid it has; the caller is its first peer. */
export async function registerDocument(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const asked = checkShape(hashRequestSchema, await readJson(request))
  const caller = callerOf(request, context.proxies)
  const peer = locatePeer(caller, asked.listening_host, asked.listening_port, context.trustsCallers)
  chargeDocument(caller, context)
  const hash = asked.hash ?? randomUUID()
  await context.store.register(hash, peer)
  return json({ hash })
}

/** POST /peers: notes the caller as a peer of a document, and answers the others. */
export async function announcePeer(request: IncomingMessage, context: RouteContext): Promise<Answer> {
  const asked = checkShape(peersRequestSchema, await readJson(request))
  const caller = callerOf(request, context.proxies)
  const announce = {
    hash: asked.hash,
    peer: locatePeer(caller, asked.listening_host, asked.listening_port, context.trustsCallers),
    left: asked.left,
    event: asked.event,
    limit: Math.min(asked.limit ?? context.maxPeers, context.maxPeers),
  }
  const view = await announceToSwarm(announce, caller, context)
  return { headers: JSON_HEADERS, body: encodePeersAnswer(view, nextInterval(context)) }
}

/** GET /health: 200 as long as requests are answered at all. */
export async function tellHealth(): Promise<Answer> {
  return json({ status: "ok" })
}

/** GET /metrics, for Prometheus. */
export async function tellMetrics(_request: IncomingMessage, { readMetrics }: RouteContext): Promise<Answer> {
  if (readMetrics === undefined) throw new Refusal(404, "not_found", "this tracker counts nothing")
  const { contentType, text } = await readMetrics()
  return { headers: { "content-type": contentType }, body: Buffer.from(text) }
}

const JSON_HEADERS = { "content-type": "application/json; charset=utf-8" }

function json(value: unknown): Answer {
  return { headers: JSON_HEADERS, body: Buffer.from(JSON.stringify(value)) }
}

function checkShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.path.join(".") ?? ""
  throw new Refusal(400, "bad_request", `${field === "" ? "the body" : field}: ${issue?.message ?? "is wrong"}`)
}
