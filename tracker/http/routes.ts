import { Refusal } from "../base/refusal.js"
import { announceBep3, scrapeBep48 } from "./bep-routes.js"
import { announcePeer, keepAlive, registerDocument, tellHealth, tellMetrics, tellReadiness } from "./json-routes.js"
import type { Route } from "./route.js"
import { getStatus, tellStatus } from "./status-route.js"

/** Need no token: they reveal next to nothing, and a load balancer has none. */
const OPEN_PATHS: readonly string[] = ["/health", "/ready"]

/** Every path with the methods it takes. GET answers HEAD too. */
const routes: ReadonlyMap<string, ReadonlyMap<string, Route>> = new Map([
  ["/hash", new Map([["POST", registerDocument]])],
  ["/peers", new Map([["POST", announcePeer]])],
  ["/alive", new Map([["POST", keepAlive]])],
  [
    "/status",
    new Map([
      ["POST", tellStatus],
      ["GET", getStatus],
    ]),
  ],
  ["/announce", new Map([["GET", announceBep3]])],
  ["/scrape", new Map([["GET", scrapeBep48]])],
  ["/metrics", new Map([["GET", tellMetrics]])],
  ["/health", new Map([["GET", tellHealth]])],
  ["/ready", new Map([["GET", tellReadiness]])],
])

/** The path as far as it is ours, else "other". */
export function knownPath(path: string): string {
  return routes.has(path) ? path : "other"
}

/** Whether it takes no token. */
export function isOpenPath(path: string): boolean {
  return OPEN_PATHS.includes(path)
}

const EMPTY = Buffer.alloc(0)

/** The route of a request. Throws a Refusal 404 or 405. */
export function findRoute(method: string, path: string): Route {
  const methods = routes.get(path)
  if (methods === undefined)
    throw new Refusal(404, "not_found", `there is nothing here; there is ${[...routes.keys()].join(", ")}`)
  const route = methods.get(method)
  if (route !== undefined) return route
  const get = methods.get("GET")
  if (method === "HEAD" && get !== undefined) return get
  const allow = [...methods.keys()].flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name])).join(", ")
  if (method === "OPTIONS") return async () => ({ status: 204, headers: ["allow", allow], body: EMPTY })
  throw new Refusal(405, "method_not_allowed", `this takes ${allow}`, { allow })
}
