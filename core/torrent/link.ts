import { SECRET_BYTES } from "./parse-torrent.js"

/** What a link says beside what it stands for. None of it is verified. */
export interface LinkHints {
  /** Only tells a person what it is. */
  readonly name?: string | undefined
  readonly sizeBytes?: number | undefined
  /** Of an open document announce URLs, of a private one the base URLs of trackers; in order. */
  readonly trackers: readonly string[]
  /** "host:port", IPv6 in brackets; a host may be a name. */
  readonly peers: readonly string[]
}

/** A magnet link (BEP 9) of a version 1 torrent. */
export interface OpenLink extends LinkHints {
  readonly kind: "open"
  /** Uint8Array, 20 bytes. */
  readonly infoHash: Uint8Array
}

/** A link of a private document: its holder is a member. */
export interface PrivateLink extends LinkHints {
  readonly kind: "private"
  /** The document's uuid. */
  readonly id: string
  /** Uint8Array, 32 bytes. */
  readonly secret: Uint8Array
  /** Uint8Array, 20 bytes. */
  readonly infoDigest: Uint8Array
}

/** One line that stands for a document (docs/engine/file-formats.md#links). */
export type Link = OpenLink | PrivateLink

export const MAGNET_SCHEME = "magnet:"
export const PRIVATE_SCHEME = "p2p-tui:"

/** Bytes of an info digest, and of what stands behind "#" in a private link. */
export const INFO_DIGEST_BYTES = 20
export const LINK_KEY_BYTES = SECRET_BYTES + INFO_DIGEST_BYTES

/** Base64url digits of those bytes, without padding. */
export const LINK_KEY_CHARACTERS = Math.ceil((LINK_KEY_BYTES * 4) / 3)

/** The link as text: ASCII, without blanks and quotes, so that it may stand between quotes in a shell. `parseLink` reads it back. */
export function formatLink(link: Link): string {
  if (link.kind === "open") return `${MAGNET_SCHEME}?${fields(link, [`xt=urn:btih:${hex(link.infoHash)}`])}`
  const key = Buffer.concat([link.secret, link.infoDigest]).toString("base64url")
  const hints = fields(link, [])
  return `${PRIVATE_SCHEME}${link.id}${hints === "" ? "" : `?${hints}`}#${key}`
}

function fields({ name, sizeBytes, trackers, peers }: LinkHints, first: readonly string[]): string {
  return [
    ...first,
    ...(name === undefined ? [] : [`dn=${encoded(name)}`]),
    ...(sizeBytes === undefined ? [] : [`xl=${sizeBytes}`]),
    ...trackers.map((url) => `tr=${encoded(url)}`),
    // Not encoded: some clients read the address as it stands.
    ...peers.map((address) => `x.pe=${address}`),
  ].join("&")
}

/** The bytes of the text, for half a surrogate pair has no code of its own; and what shells and chats take for theirs. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString()).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
