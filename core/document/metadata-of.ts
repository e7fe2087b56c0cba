import { readInfo } from "../store/torrent-on-disk.js"
import { encodeInfo, infoBytes } from "../torrent/info-hash.js"
import type { MetadataSource } from "../transfer/metadata-server.js"
import type { ClientResources } from "./client-resources.js"
import type { DescribedDocument } from "./described-document.js"

/**
 * The info dictionary of a document for its peers: encoded anew, or that of a standard .torrent as it is in the user's file or this client's
 * copy, because it may hold more than is known here.
 */
export function metadataOf(
  { torrent, torrentPath, id }: Pick<DescribedDocument, "torrent" | "torrentPath" | "id">,
  { infoCache, copies }: Pick<ClientResources, "infoCache" | "copies">,
): MetadataSource {
  const { standard } = torrent
  const load = async () => {
    if (standard === undefined) return encodeInfo(torrent)
    return (await readInfo(torrentPath, standard.infoHash)) ?? readInfo(copies.pathOf(id), standard.infoHash)
  }
  return { sizeBytes: infoBytes(torrent), read: () => infoCache.get(torrent, load) }
}
