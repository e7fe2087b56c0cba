import { createHash } from "node:crypto"
import { parseHost } from "../address/host.js"
import { isThisMachine } from "../address/this-machine.js"
import { createBep3Tracker } from "../announce/bep3-tracker.js"
import { foreignStatus } from "../announce/foreign-status.js"
import type { TrackerClient } from "../announce/tracker-client.js"
import { createTrackerList } from "../announce/tracker-list.js"
import { announceUrl } from "../torrent/metainfo.js"
import type { ClientResources } from "./client-resources.js"

type TrackerResources = Pick<
  ClientResources,
  "clock" | "peerId" | "userAgent" | "foreignRequests" | "announcedHost" | "trackerClient" | "trackerUrls"
>

/**
 * The trackers that travel with a document, asked before those of the config; undefined when all of them are in the config. A torrent file
 * or link may come from a stranger, so its trackers get the GET of a standard announce, which is restricted (SECURITY.md).
 */
export function travellingTrackers(
  id: string,
  urls: readonly string[],
  resources: TrackerResources,
): TrackerClient | undefined {
  const foreign = urls.filter((url) => !isConfigured(url, resources.trackerUrls))
  if (foreign.length === 0) return undefined
  const { clock, peerId, userAgent, foreignRequests: limit, announcedHost } = resources
  const clients = foreign.map((url): TrackerClient => {
    const announcing = createBep3Tracker({
      ...{ peerId, userAgent, limit, announcedHost },
      announceUrl: announceUrl(url, id),
      infoHash: standInOf(id),
    })
    return { ...announcing, status: (request, signal) => foreignStatus({ url, userAgent, limit }, request, signal) }
  })
  // A client that has no tracker may start one later.
  const list = createTrackerList(
    () => [...clients, ...(resources.trackerClient ? [resources.trackerClient] : [])],
    clock,
  )
  // No batched announces: only the config's trackers support them, and the others would never hear of the document.
  return {
    get url() {
      return list.url
    },
    register: (request, signal) => list.register(request, signal),
    announce: (request, signal) => list.announce(request, signal),
    ...(list.status && { status: list.status }),
  }
}

/** 20 bytes for BEP 3's `info_hash`, which a tracker of this project does not read. The info hash of a private document is not sent. */
function standInOf(id: string): Uint8Array {
  return Uint8Array.from(createHash("sha1").update(id).digest())
}

/** This machine has several names: a tracker here is known by its port. */
function isConfigured(url: string, configured: readonly string[]): boolean {
  const wanted = new URL(url)
  return configured.some((each) => {
    const known = new URL(each)
    if (known.protocol !== wanted.protocol || portOf(known) !== portOf(wanted) || !samePath(known, wanted)) return false
    return known.hostname === wanted.hostname || (isOfThisMachine(known) && isOfThisMachine(wanted))
  })
}

function portOf({ port, protocol }: URL): string {
  return port !== "" ? port : protocol === "https:" ? "443" : "80"
}

function samePath(one: URL, other: URL): boolean {
  return one.pathname.replace(/\/+$/, "") === other.pathname.replace(/\/+$/, "")
}

function isOfThisMachine({ hostname }: URL): boolean {
  return parseHost(hostname)?.kind === "unspecified" || isThisMachine(hostname)
}
