import { createBep3Tracker } from "../announce/bep3-tracker.js"
import { TrackerLine } from "../announce/tracker-line.js"
import { createTrackerTiers } from "../announce/tracker-tiers.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { ClientResources } from "./client-resources.js"

/** The trackers of a document: ours, or those that a standard .torrent file names. */
export function trackerFor({ standard }: Torrent, resources: ClientResources): TrackerLine {
  if (standard === undefined) return resources.tracker
  const { infoHash, announceTiers } = standard
  const { clock, random, onEvent, peerId, userAgent, foreignRequests, announcedHost, listeningHost, listeningPort } =
    resources
  const tiers = announceTiers.map((urls) =>
    urls.map((announceUrl) =>
      createBep3Tracker({ announceUrl, infoHash, peerId, userAgent, limit: foreignRequests, announcedHost }),
    ),
  )
  return new TrackerLine(createTrackerTiers(tiers, clock, random), {
    listeningHost,
    listeningPort,
    clock,
    onEvent,
    onChange: () => resources.changed(),
  })
}
