import { createBep3Tracker } from "../announce/bep3-tracker.js"
import { createTrackerList } from "../announce/tracker-list.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { TrackerLine } from "./tracker-line.js"
import type { Workshop } from "./workshop.js"

/** The trackers of a document: ours, or those that a standard .torrent file names. */
export function trackerFor({ standard }: Torrent, workshop: Workshop): TrackerLine {
  if (standard === undefined) return workshop.tracker
  const { infoHash, announceUrls } = standard
  const { clock, onEvent, peerId, userAgent, listeningHost, listeningPort } = workshop
  const trackers = announceUrls.map((announceUrl) => createBep3Tracker({ announceUrl, infoHash, peerId, userAgent }))
  return new TrackerLine(createTrackerList(trackers, clock), {
    listeningHost,
    listeningPort,
    kind: "remote",
    clock,
    onEvent,
  })
}
