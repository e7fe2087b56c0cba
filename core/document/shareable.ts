import { formatHostPort, parseHost } from "../address/host.js"
import { reachableHosts } from "../address/this-machine.js"
import type { ClientResources } from "./client-resources.js"

type Listening = Pick<ClientResources, "listeningHost" | "listeningPort">

/** Addresses of one machine that a link names: more make it long. Our choice. */
const MAX_ADDRESSES = 3

/**
 * Where others reach this client ("host:port"), the most useful first: the announced or the one listening address, else those of this
 * machine that are of no link alone, without bridges to containers. Loopback only when this client listens there alone.
 */
export function shareableAddresses({ listeningHost, listeningPort }: Listening): readonly string[] {
  const own = parseHost(listeningHost)
  if (own === undefined) return [formatHostPort(listeningHost, listeningPort)]
  if (own.kind !== "unspecified") return [formatHostPort(own.host, listeningPort)]
  const hosts = reachableHosts(own.host).filter(({ kind }, index) => kind !== "containers" || index === 0)
  return hosts.slice(0, MAX_ADDRESSES).map(({ host }) => formatHostPort(host, listeningPort))
}

/** The trackers of the config that other machines can reach, without a name and password. */
export function shareableTrackers({ trackerUrls }: Pick<ClientResources, "trackerUrls">): readonly string[] {
  return trackerUrls.filter((url) => !isLoopback(new URL(url).hostname)).map(withoutCredentials)
}

/** The same for a link, which may also serve two programs on this machine: all trackers when this client listens on loopback alone. */
export function trackersForLink(resources: Pick<ClientResources, "trackerUrls"> & Listening): readonly string[] {
  if (!isLoopback(resources.listeningHost)) return shareableTrackers(resources)
  return resources.trackerUrls.map(withoutCredentials)
}

function isLoopback(hostname: string): boolean {
  const parsed = parseHost(hostname)
  return parsed === undefined ? hostname.toLowerCase() === "localhost" : parsed.kind === "loopback"
}

function withoutCredentials(text: string): string {
  const url = new URL(text)
  url.username = ""
  url.password = ""
  return url.href.replace(/\/+$/, "")
}
