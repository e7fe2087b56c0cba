import { TorrentFileError } from "../base/errors.js"
import type { Steps } from "../base/steps.js"
import { isDocumentHash } from "./document-hash.js"
import { handshakeHash, hashingInfo } from "./info-hash.js"
import type { Link, OpenLink } from "./link.js"
import { encodeMetainfoOf } from "./metainfo.js"
import { parsingInfo, parsingMetainfo } from "./parse-metainfo.js"
import type { Torrent } from "./torrent-file.js"
import { isHttpUrl } from "./tracker-urls.js"

/** What a link and its description make together. */
export interface DescribedByLink {
  readonly torrent: Torrent
  /** The content of a standard .torrent file; undefined where a torrent file of ours describes the document. */
  readonly metainfo: Uint8Array | undefined
}

/** What peers call the document of a link in their handshake, Uint8Array, 20 bytes. */
export function handshakeHashOf(link: Link): Uint8Array {
  return link.kind === "open" ? link.infoHash : link.infoDigest
}

/** The id that the document of a link has: the uuid in its own tracker's announce URL, else its info hash in hex. */
export function idOf(link: Link): string {
  if (link.kind === "private") return link.id
  return uuidOf(link) ?? Buffer.from(link.infoHash).toString("hex")
}

/**
 * The torrent of a link and its info dictionary, whose digest was checked, in steps. An open document that was not made by this program stays a
 * standard torrent: what a torrent file of ours can't say of it would be lost.
 * @throws TorrentFileError when the description is none that is read here.
 */
export function* describing(link: Link, info: Uint8Array): Steps<DescribedByLink> {
  const own = yield* ownTorrent(link, info)
  if (own !== undefined) return { torrent: own, metainfo: undefined }
  if (link.kind === "private")
    throw new TorrentFileError("info", "info: it holds more than a torrent file of a private document can")
  const metainfo = encodeMetainfoOf(info, link.trackers)
  return { torrent: yield* parsingMetainfo(metainfo), metainfo }
}

/** The torrent as a torrent file of ours says it; undefined when its info dictionary would be another one. */
function* ownTorrent(link: Link, info: Uint8Array): Steps<Torrent | undefined> {
  const hash = link.kind === "private" ? link.id : uuidOf(link)
  if (hash === undefined) return undefined
  const trackers = link.kind === "private" ? link.trackers : link.trackers.flatMap((url) => baseOf(url, hash) ?? [])
  const secret = link.kind === "private" ? link.secret : undefined
  const torrent = { ...(yield* parsingInfo(info)), hash, secret, ...(trackers.length > 0 && { trackers }) }
  yield* hashingInfo(torrent)
  return Buffer.compare(handshakeHash(torrent), handshakeHashOf(link)) === 0 ? torrent : undefined
}

function uuidOf({ trackers }: OpenLink): string | undefined {
  for (const url of trackers) {
    const hash = new URL(url).searchParams.get("hash")
    if (hash !== null && isDocumentHash(hash) && baseOf(url, hash) !== undefined) return hash.toLowerCase()
  }
  return undefined
}

/** The base URL of a tracker of ours whose announce URL names that document. */
function baseOf(announceUrl: string, hash: string): string | undefined {
  const url = new URL(announceUrl)
  if (!isHttpUrl(announceUrl)) return undefined
  if (!url.pathname.endsWith("/announce") || url.searchParams.get("hash")?.toLowerCase() !== hash.toLowerCase())
    return undefined
  return `${url.origin}${url.pathname.slice(0, -"/announce".length)}`
}
