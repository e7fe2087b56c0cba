import { encodeBencode } from "../base/encode-bencode.js"
import { CommandError } from "../base/errors.js"
import { infoDictionary } from "./info-hash.js"
import type { Torrent } from "./torrent-file.js"

/**
 * A standard metainfo (.torrent) file of an open document (BEP 3), for any BitTorrent client.
 * `trackerUrl` is the tracker's base, "http://127.0.0.1:5000", or undefined: then other clients find peers on the local network alone.
 * @throws CommandError "private_document" when the torrent has a secret: other clients could not keep it;
 * "already_standard" when it came from such a file: its info dictionary may hold more than we know.
 */
export function encodeMetainfo(torrent: Torrent, trackerUrl: string | undefined): Uint8Array {
  if (torrent.secret) {
    const what = "a private document can't be exported: other BitTorrent clients don't speak its encryption"
    throw new CommandError("private_document", what)
  }
  if (torrent.standard !== undefined)
    throw new CommandError("already_standard", "this is a standard .torrent file already: share that file itself")
  return encodeBencode({
    ...(trackerUrl !== undefined && { announce: announceUrl(trackerUrl, torrent.hash) }),
    "created by": "p2p-tui",
    info: { ...infoDictionary(torrent) },
  })
}

/** A standard metainfo file around the info dictionary of a magnet link, byte for byte; `trackers`: announce URLs in order, each a tier of its own. */
export function encodeMetainfoOf(info: Uint8Array, trackers: readonly string[]): Uint8Array {
  const [first] = trackers
  const head = encodeBencode({
    ...(first !== undefined && { announce: first, "announce-list": trackers.map((url) => [url]) }),
    "created by": "p2p-tui",
  })
  // The keys of a dictionary are in order, and "info" comes after all of these.
  return Buffer.concat([head.subarray(0, -1), Buffer.from("4:info"), info, Buffer.from("e")])
}

/** Where BitTorrent clients announce this document: libtorrent asks a tracker on loopback only for paths that begin with /announce, so the uuid travels in the query. */
export function announceUrl(trackerUrl: string, hash: string): string {
  const url = new URL(trackerUrl)
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/announce`
  url.search = `?hash=${hash}`
  return url.href
}
