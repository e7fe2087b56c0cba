import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { serve } from "micro"
import type { Logger } from "pino"
import type { ErrorAnswer } from "../../core/announce/shapes.js"
import { TrackerError } from "../../core/base/errors.js"
import { Refusal } from "../base/refusal.js"
import type { RequestObserver } from "./request-observer.js"
import type { Answer, RouteContext } from "./route.js"
import { findRoute, isOpenPath, knownPath } from "./routes.js"

/**
 * The micro handler: finds the route, sends its answer, and turns whatever went wrong into a JSON error. It always
 * answers and never throws, because micro leaves a request hanging when something that is no Error is thrown or a
 * handler returns undefined, and prints the stack of every error.
 */
export function createHandler(
  context: RouteContext,
  log: Logger,
  observers: readonly RequestObserver[] = [],
): RequestListener {
  return serve(async (request, response) => {
    const startedMs = performance.now()
    const path = pathOf(request.url ?? "")
    const answer = await answerTo(request, path, context, log)
    sendBody(request, response, answer)
    if (observers.length === 0) return
    const seconds = (performance.now() - startedMs) / 1_000
    const seen = { request, path: knownPath(path), status: answer.status ?? 200, refused: answer.refused, seconds }
    for (const observe of observers) observe(seen)
  })
}

async function answerTo(request: IncomingMessage, path: string, context: RouteContext, log: Logger): Promise<Answer> {
  try {
    context.door(request)
    const route = findRoute(request.method ?? "", path)
    if (!isOpenPath(path)) context.guard(request)
    return await route(request, context)
  } catch (error) {
    return answerOf(asRefusal(error, request, log))
  }
}

/**
 * The part before the query, without a scheme and host (absolute-form, which RFC 9112, 3.2.2 has every server accept) and without
 * the slash that some clients put behind the two of BEP 3 and BEP 48; a path of the tracker needs no decoding.
 */
function pathOf(url: string): string {
  const query = url.indexOf("?")
  const target = query === -1 ? url : url.slice(0, query)
  const path = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/]*/i, "")
  return path === "/announce/" || path === "/scrape/" ? path.slice(0, -1) : path
}

function asRefusal(error: unknown, request: IncomingMessage, log: Logger): Refusal {
  if (error instanceof Refusal) return error
  // Said once by the store itself, not with every request.
  if (error instanceof TrackerError && error.code === "store_away")
    return new Refusal(503, "store_away", "the tracker's store is away, try again", { "retry-after": "5" })
  if (error instanceof TrackerError && error.code === "store_full")
    return new Refusal(507, "store_full", error.message, { "retry-after": "3600" })
  log.error({ err: error, method: request.method, path: pathOf(request.url ?? "") }, "a request failed by our fault")
  return new Refusal(500, "internal_error", "the tracker failed; its log says why")
}

function answerOf(refusal: Refusal): Answer {
  const error: ErrorAnswer = { error: { code: refusal.code, message: refusal.message } }
  return {
    status: refusal.status,
    refused: refusal.code,
    headers: [...Object.entries(refusal.headers).flat(), "content-type", "application/json; charset=utf-8"],
    body: Buffer.from(JSON.stringify(error)),
  }
}

function sendBody(request: IncomingMessage, response: ServerResponse, { status = 200, headers, body }: Answer): void {
  // The client has closed the connection.
  if (response.destroyed) return
  if (status === 204) return void response.writeHead(status, [...headers]).end()
  response.writeHead(status, [...headers, "content-length", String(body.length)])
  if (request.method === "HEAD") return void response.end()
  // Node joins a text with the head and sends both as one.
  if (typeof body === "string") response.end(body, "latin1")
  else response.end(body)
}
