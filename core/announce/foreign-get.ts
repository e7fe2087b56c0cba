import type { LookupAddress } from "node:dns"
import { displayText } from "../base/display.js"
import { TrackerError } from "../base/errors.js"
import { forbidden, type LookupAll, mayLeadTo, type Reach, reachableAddresses, resolveHost } from "./foreign-address.js"
import { getBytes, type HttpAnswer, type HttpOptions, loadGot } from "./http-exchange.js"
import { shownOrigin, timeoutError } from "./tracker-failure.js"

export interface ForeignGetOptions extends HttpOptions {
  readonly signal: AbortSignal | undefined
  /** Default: the system's. */
  readonly lookup?: LookupAll
}

/** Redirects that are followed for one answer (our choice; libtorrent has 5 too). */
const MAX_REDIRECTS = 5
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** BEP 48: the last component of an announce path begins so. */
const ANNOUNCE_PATH = /\/announce[^/]*$/

interface Target {
  readonly addresses: readonly LookupAddress[]
  readonly reach: Reach
}

/**
 * One GET of a URL from a foreign torrent file, with redirects. It is limited to the needs of an announce (SECURITY.md): addresses of this
 * machine are asked for announce paths only, addresses of this machine and of the local network get no name and password, no redirect
 * leads from the internet to either, and the connection goes to the address that was checked. `timeoutMs` covers all requests. Errors as
 * `getBytes`, and "forbidden_address".
 */
export async function getForeign(options: ForeignGetOptions): Promise<HttpAnswer<Uint8Array>> {
  await loadGot()
  const deadline = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline])
  try {
    return await followed({ ...options, signal })
  } catch (error) {
    if (deadline.aborted && error === deadline.reason) throw timeoutError(options.url, options.timeoutMs, error)
    throw error
  }
}

async function followed(
  options: ForeignGetOptions & { readonly signal: AbortSignal },
): Promise<HttpAnswer<Uint8Array>> {
  let url = new URL(options.url)
  let from: Reach = "machine"
  for (let redirects = 0; ; redirects++) {
    const target = await targetOf(url, options)
    if (!mayLeadTo(from, target.reach))
      throw forbidden(
        `the tracker at ${shownOrigin(options.url)} redirects to ${url.origin}, an address nearer than its own`,
      )
    from = target.reach
    const { addresses } = target
    const answer = await getBytes({ ...options, url: withoutSecrets(url, target), addresses })
    const next = redirectOf(answer, url)
    if (next === undefined) return answer
    if (redirects === MAX_REDIRECTS)
      throw new TrackerError(
        "bad_answer",
        `the tracker at ${shownOrigin(options.url)} redirects more than ${MAX_REDIRECTS} times`,
      )
    url = next
  }
}

/** The target of `url`, if it may be requested. */
async function targetOf(url: URL, options: ForeignGetOptions & { readonly signal: AbortSignal }): Promise<Target> {
  const found = await resolveHost(url, options)
  const reachable = reachableAddresses(found)
  if (reachable.length === 0) throw forbidden(`${url.origin} is no address that a tracker can have`)
  const { reach } = reachable.reduce((nearest, each) => (mayLeadTo(nearest.reach, each.reach) ? nearest : each))
  if (reach === "machine" && !ANNOUNCE_PATH.test(url.pathname))
    throw forbidden(`${url.origin} is this machine: it is asked only for paths that end in "/announce"`)
  return { addresses: reachable.map(({ address, family }) => ({ address, family })), reach }
}

function withoutSecrets(url: URL, { reach }: Target): string {
  if (reach === "public") return url.href
  const bare = new URL(url.href)
  bare.username = ""
  bare.password = ""
  return bare.href
}

function redirectOf(answer: HttpAnswer<Uint8Array>, from: URL): URL | undefined {
  const { status, location } = answer
  if (!REDIRECT_STATUSES.has(status) || location === undefined) return undefined
  const next = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined
  if (next !== undefined && (next.protocol === "http:" || next.protocol === "https:")) return next
  const shown = displayText(location, 100)
  throw new TrackerError(
    "bad_answer",
    `the tracker at ${from.origin} redirects to "${shown}"; only http and https are followed`,
    { status },
  )
}
