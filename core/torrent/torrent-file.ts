import type { FolderLayout } from "./folder-layout.js"

/** The checked contents of a torrent file. See docs/engine/file-formats.md#torrent-file. */
export interface Torrent {
  /** The document's uuid from the tracker, lower case; of a standard torrent its info hash in hex. */
  readonly hash: string
  readonly sizeBytes: number
  readonly partSizeBytes: number
  /** SHA-1 of every part, Uint8Array, 20 bytes per part, in order. */
  readonly partDigests: Uint8Array
  /** The file's name without folders, or undefined where the torrent file has none. Exactly as written: it feeds the info hash. */
  readonly name: string | undefined
  /** Set when the document is a folder; `sizeBytes` is the sum of its files, padding among them. */
  readonly files?: FolderLayout | undefined
  /** Private documents: 32 random bytes. Undefined makes the document open. */
  readonly secret: Uint8Array | undefined
  /** Base URLs of http(s) trackers, asked in order before those of the config; where there are any. Not part of the info dictionary. */
  readonly trackers?: readonly string[]
  /** Set when it came from a standard .torrent file (BEP 3) rather than from one of ours. */
  readonly standard?: StandardTorrent
}

/** The fields of a standard .torrent file beyond our own. */
export interface StandardTorrent {
  /** Uint8Array, 20 bytes: of its info dictionary as it stands, with keys that we don't know. */
  readonly infoHash: Uint8Array
  /** Bytes of that dictionary. */
  readonly infoBytes: number
  /** Announce URLs of http, https and UDP (BEP 15) in tiers (BEP 12), which may be none; no tier is empty. */
  readonly announceTiers: readonly (readonly string[])[]
  /** BEP 27: peers may come from its trackers only. */
  readonly isPrivate: boolean
}
