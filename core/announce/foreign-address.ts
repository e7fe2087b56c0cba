import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from "node:dns"
import { type HostReach, parseHost, reachOf } from "../address/host.js"
import { TrackerError } from "../base/errors.js"
import { addressesOfLocalhost } from "./http-exchange.js"
import { failureOf } from "./tracker-failure.js"

/** Resolves a host name to all its addresses, as `dns.lookup`. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void

export type Reach = Exclude<HostReach, "none">

/** The farther, the lower. */
const NEARNESS: Readonly<Record<Reach, number>> = { public: 0, site: 1, machine: 2 }

/** Whether a redirect may be followed: not to a nearer network than its source (for example from the internet to a private address). */
export function mayLeadTo(from: Reach, to: Reach): boolean {
  return NEARNESS[to] <= NEARNESS[from]
}

/** The addresses at which a tracker may be asked that a stranger has named, and how near each is. */
export function reachableAddresses(
  found: readonly LookupAddress[],
): readonly (LookupAddress & { readonly reach: Reach })[] {
  return found.flatMap(({ address, family }) => {
    const host = parseHost(address)
    const reach = host === undefined ? "none" : reachOf(host)
    return reach === "none" ? [] : [{ address, family, reach }]
  })
}

export interface ResolveOptions {
  /** Default: the system's. */
  readonly lookup?: LookupAll
  readonly signal: AbortSignal
  /** For the words of a failure, ms. */
  readonly timeoutMs: number
}

/** Every address of a URL's host. Rejects with a TrackerError, or with the signal's reason. */
export async function resolveHost(
  url: URL,
  { lookup = systemLookup, signal, timeoutMs }: ResolveOptions,
): Promise<readonly LookupAddress[]> {
  const literal = parseHost(url.hostname)
  if (literal !== undefined) return [{ address: literal.host, family: literal.host.includes(":") ? 6 : 4 }]
  const local = addressesOfLocalhost(url.hostname)
  if (local !== undefined) return local
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    // The system's look-up can't be cancelled, and may take longer than the deadline.
    const giveUp = () => reject(signal.reason)
    signal.addEventListener("abort", giveUp, { once: true })
    lookup(url.hostname, { all: true }, (error, addresses) => {
      signal.removeEventListener("abort", giveUp)
      if (error === null) resolve(addresses)
      else reject(failureOf(error, url.href, timeoutMs))
    })
  })
}

/** An address that is never asked. */
export function forbidden(message: string): TrackerError {
  return new TrackerError("forbidden_address", message)
}
