import type { IncomingMessage } from "node:http"
import type { Logger } from "pino"
import { callerOf } from "./client-address.js"
import type { LocalNames } from "./local-names.js"
import type { ProxyList } from "./proxy-list.js"
import { Refusal } from "./refusal.js"

/** Lets a request in, or throws a Refusal 403. */
export type Door = (request: IncomingMessage) => void

/**
 * Keeps out what pages in browsers send: the tracker of a user's own machine, or of a site behind a firewall, is within their
 * reach. Browsers put Origin on every request that may change something, and Sec-Fetch-Site on all to this machine ("none":
 * a person typed the address). Over loopback the Host header must name this machine (DNS rebinding). Logs once that a proxy
 * asks which the tracker was not told of.
 */
export function createDoor(proxies: ProxyList, names: LocalNames, log: Logger): Door {
  let hasWarned = false
  return (request) => {
    const { headers } = request
    const caller = callerOf(request, proxies)
    if (headers.origin !== undefined || (headers["sec-fetch-site"] ?? "none") !== "none")
      throw new Refusal(403, "no_browsers", "this tracker answers no page in a browser")
    // The name of a proxy that we were told of is nobody's business here.
    if (proxies.has(caller.address.host) || caller.trackerAddress === undefined) return
    if (caller.trackerAddress.kind === "loopback" && !names.has(headers.host))
      throw new Refusal(403, "wrong_host", "Host names no address of this machine; for a reverse proxy, see --proxy")
    if (!caller.isProxys || hasWarned) return
    hasWarned = true
    log.warn(
      { from: caller.address.host },
      "a proxy asks that --proxy does not name: every peer behind it gets its address, and none is of use to others",
    )
  }
}
