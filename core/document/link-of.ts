import type { Link } from "../torrent/link.js"
import { announceUrl } from "../torrent/metainfo.js"
import type { ClientResources } from "./client-resources.js"
import type { DescribedDocument } from "./described-document.js"
import { shareableAddresses, trackersForLink } from "./shareable.js"

type LinkResources = Pick<ClientResources, "trackerUrls" | "listeningHost" | "listeningPort">

/** The link of a document as this client passes it on: with the trackers that others reach, and where it is reached itself. */
export function linkTo(
  { torrent, infoHash, id }: Pick<DescribedDocument, "torrent" | "infoHash" | "id">,
  resources: LinkResources,
): Link {
  const { secret, sizeBytes, standard } = torrent
  const trackers = [...new Set([...(torrent.trackers ?? []), ...trackersForLink(resources)])]
  const hints = {
    ...(torrent.name !== undefined && { name: torrent.name }),
    sizeBytes,
    peers: shareableAddresses(resources),
  }
  if (secret !== undefined) return { kind: "private", id, secret, infoDigest: infoHash, ...hints, trackers }
  const announceUrls = standard?.announceTiers.flat() ?? trackers.map((url) => announceUrl(url, id))
  return { kind: "open", infoHash, ...hints, trackers: announceUrls }
}
