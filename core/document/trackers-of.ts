import { createBep3Tracker } from "../announce/bep3-tracker.js"
import type { TrackerClient } from "../announce/tracker-client.js"
import { createTrackerList } from "../announce/tracker-list.js"
import { createTrackerTiers } from "../announce/tracker-tiers.js"
import { TrackerWithStatus } from "../announce/tracker-with-status.js"
import { idOf } from "../torrent/describe.js"
import { isDocumentHash } from "../torrent/document-hash.js"
import type { Link } from "../torrent/link.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { ClientResources } from "./client-resources.js"
import { travellingTrackers } from "./travelling-trackers.js"

/** The trackers of a document: those of the config and those that travel with it, or those that a standard .torrent file names. */
export function trackerFor({ hash, standard, trackers = [] }: Torrent, resources: ClientResources): TrackerWithStatus {
  if (standard === undefined) {
    const travelling = travellingTrackers(hash, trackers, resources)
    return travelling === undefined ? resources.tracker : withStatus(travelling, resources)
  }
  return withStatus(standardTrackers(standard.infoHash, standard.announceTiers, resources), resources)
}

/** The trackers of a document that is known by its link, likewise. */
export function trackerForLink(link: Link, resources: ClientResources): TrackerWithStatus {
  const id = idOf(link)
  if (link.kind === "private") {
    const travelling = travellingTrackers(id, link.trackers, resources)
    return travelling === undefined ? resources.tracker : withStatus(travelling, resources)
  }
  const named = standardTrackers(
    link.infoHash,
    link.trackers.map((url) => [url]),
    resources,
  )
  const { trackerClient, clock } = resources
  // The config's trackers know documents by their uuid.
  if (!isDocumentHash(id) || trackerClient === undefined) return withStatus(named, resources)
  return withStatus(createTrackerList(named === undefined ? [trackerClient] : [named, trackerClient], clock), resources)
}

function standardTrackers(
  infoHash: Uint8Array,
  announceTiers: readonly (readonly string[])[],
  { clock, random, peerId, userAgent, foreignRequests: limit, announcedHost }: ClientResources,
): TrackerClient | undefined {
  if (announceTiers.length === 0) return undefined
  const tiers = announceTiers.map((urls) =>
    urls.map((announceUrl) => createBep3Tracker({ announceUrl, infoHash, peerId, userAgent, limit, announcedHost })),
  )
  return createTrackerTiers(tiers, clock, random)
}

function withStatus(tracker: TrackerClient | undefined, resources: ClientResources): TrackerWithStatus {
  const { listeningHost, listeningPort, clock, onEvent } = resources
  const onChange = () => resources.changed()
  return new TrackerWithStatus(tracker, { listeningHost, listeningPort, clock, onEvent, onChange })
}
