import type { IncomingMessage, OutgoingHttpHeaders, RequestListener, ServerResponse } from "node:http"
import { serve } from "micro"
import type { Logger } from "pino"
import type { ErrorAnswer } from "../core/announce/shapes.js"
import { TrackerError } from "../core/errors.js"
import { Refusal } from "./refusal.js"
import type { RouteContext } from "./route.js"
import { findRoute, HEALTH_PATH } from "./routes.js"

/**
 * The micro handler: finds the route, sends its answer, and turns whatever went wrong into a JSON error. It always
 * answers and never throws, because micro leaves a request hanging when something that is no Error is thrown or a
 * handler returns undefined, and prints the stack of every error.
 */
export function createHandler(context: RouteContext, log: Logger): RequestListener {
  return serve(async (request, response) => {
    try {
      const path = pathOf(request.url ?? "")
      const route = findRoute(request.method ?? "", path)
      if (path !== HEALTH_PATH) context.guard(request)
      const answer = await route(request, context)
      sendBody(request, response, answer.status ?? 200, answer.headers, answer.body)
    } catch (error) {
      sendRefusal(request, response, asRefusal(error, request, log))
    }
  })
}

/** The part before the query; a path of the tracker needs no decoding. */
function pathOf(url: string): string {
  const query = url.indexOf("?")
  return query === -1 ? url : url.slice(0, query)
}

function asRefusal(error: unknown, request: IncomingMessage, log: Logger): Refusal {
  if (error instanceof Refusal) return error
  // Said once by the store itself, not with every request.
  if (error instanceof TrackerError && error.code === "store_away")
    return new Refusal(503, "store_away", "the tracker's store is away, try again", { "retry-after": "5" })
  log.error({ err: error, method: request.method, path: pathOf(request.url ?? "") }, "a request failed by our fault")
  return new Refusal(500, "internal_error", "the tracker failed; its log says why")
}

function sendRefusal(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const answer: ErrorAnswer = { error: { code: refusal.code, message: refusal.message } }
  const headers = { ...refusal.headers, "content-type": "application/json; charset=utf-8" }
  sendBody(request, response, refusal.status, headers, Buffer.from(JSON.stringify(answer)))
}

function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: Buffer,
): void {
  // The caller hung up: there is nobody to answer.
  if (response.destroyed) return
  if (status === 204) return void response.writeHead(status, headers).end()
  response.writeHead(status, { ...headers, "content-length": body.length })
  response.end(request.method === "HEAD" ? undefined : body)
}
