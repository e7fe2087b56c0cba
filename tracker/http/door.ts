import type { IncomingMessage } from "node:http"
import type { Logger } from "pino"
import { Refusal } from "../base/refusal.js"
import { callerOf } from "./client-address.js"
import type { LocalNames } from "./local-names.js"
import type { ProxyList } from "./proxy-list.js"

/** Lets a request in, or throws a Refusal 403. */
export type Door = (request: IncomingMessage) => void

/**
 * Keeps out what pages in browsers send: the tracker of a user's own machine, or of a site behind a firewall, is within their
 * reach. Browsers put Origin on every request that may change something, and Sec-Fetch-Site on all to this machine ("none":
 * a person typed the address). Over loopback the Host header must name this machine (DNS rebinding). Logs the first request
 * of a proxy that is not configured.
 */
export function createDoor(proxies: ProxyList, names: LocalNames, log: Logger): Door {
  let hasWarned = false
  return (request) => {
    const { headers } = request
    if (!hasRightHost(request))
      throw new Refusal(400, "bad_host", "a request of HTTP/1.1 has one Host header", { connection: "close" })
    const caller = callerOf(request, proxies)
    if (headers.origin !== undefined || (headers["sec-fetch-site"] ?? "none") !== "none")
      throw new Refusal(403, "no_browsers", "this tracker answers no page in a browser")
    // A configured proxy may send any Host.
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

/** RFC 9112, 3.2: exactly one, of HTTP/1.0 at most one; of two, a proxy before us may go by the other. */
function hasRightHost({ rawHeaders, httpVersionMinor }: IncomingMessage): boolean {
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === "host") hosts++
  }
  return hosts === 1 || (hosts === 0 && httpVersionMinor === 0)
}
