/** What a torrent file says, checked and in our own words. See design.md, "Torrent file". */
export interface Torrent {
  /** The document's uuid from the tracker, lower case. */
  readonly hash: string
  readonly sizeBytes: number
  readonly partSizeBytes: number
  /** SHA-1 of every part, Uint8Array, 20 bytes per part, in order. */
  readonly partDigests: Uint8Array
  /** The file's name without folders, or undefined where the torrent file has none. Exactly as written: it feeds the info hash. */
  readonly name: string | undefined
  /** Private documents: 32 random bytes. Undefined makes the document open. */
  readonly secret: Uint8Array | undefined
}
