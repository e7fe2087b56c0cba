import {
  MAX_METADATA_BYTES,
  METADATA,
  METADATA_ID,
  METADATA_PIECE_BYTES,
  metadataPieceBytes,
} from "../wire/codec/metadata.js"
import type { PeerLink } from "./peer-link.js"
import type { RateLimit } from "./rate-limit.js"
import type { TokenBucket } from "./token-bucket.js"

/** Rate at which a client sends info dictionaries, all together, bytes per second (our choice): one of 64 MiB takes 8 s. */
export const METADATA_BYTES_PER_SECOND = 8 * 1024 * 1024

/** Requests of a peer that wait, and times it may have the whole dictionary (our choice): an honest peer needs it once. */
const MAX_WAITING = 32
const MAX_COPIES = 3

/** Bytes queued to a peer at which further requests are rejected (our choice). */
const MAX_QUEUED_BYTES = 1024 * 1024

/** The info dictionary of a document. */
export interface MetadataSource {
  readonly sizeBytes: number
  /** Undefined when it can't be read. */
  read(): Promise<Uint8Array | undefined>
}

export interface MetadataLimits {
  /** Shared by all documents: a request of 30 bytes is answered with 16 KiB, and nobody has to earn that. */
  readonly metadataLimit: TokenBucket
  readonly upLimit: RateLimit
}

interface Standing {
  waiting: number
  sentBytes: number
}

/** Sends a document's info dictionary to its peers piece by piece (BEP 9), bounded for each peer and limited in rate for all. */
export class MetadataServer {
  readonly #source: MetadataSource | undefined
  readonly #limits: MetadataLimits
  readonly #standings = new WeakMap<PeerLink, Standing>()

  constructor(source: MetadataSource | undefined, limits: MetadataLimits) {
    this.#source = source !== undefined && source.sizeBytes <= MAX_METADATA_BYTES ? source : undefined
    this.#limits = limits
  }

  /** What is offered in the extension handshake: `metadata_size`, and the id of the extension. */
  get offer(): { readonly metadataBytes?: number; readonly ids: readonly (readonly [string, number])[] } {
    if (this.#source === undefined) return { ids: [] }
    return { metadataBytes: this.#source.sizeBytes, ids: [[METADATA, METADATA_ID]] }
  }

  onRequest(link: PeerLink, piece: number): void {
    const byteCount = metadataPieceBytes(this.#source?.sizeBytes ?? 0, piece)
    const standing = this.#standingOf(link)
    if (byteCount === 0 || this.#isTooMuch(link, standing)) return link.sendMetadata({ type: "reject", piece })
    const { metadataLimit, upLimit } = this.#limits
    standing.waiting++
    metadataLimit.spend(link, byteCount, () => {
      if (link.connection.closed) return metadataLimit.giveBack(byteCount)
      upLimit.spend(this, byteCount, () => void this.#send(link, piece))
    })
  }

  async #send(link: PeerLink, piece: number): Promise<void> {
    const standing = this.#standingOf(link)
    const info = await this.#source?.read()
    standing.waiting--
    if (info === undefined) return link.sendMetadata({ type: "reject", piece })
    const from = piece * METADATA_PIECE_BYTES
    const bytes = info.subarray(from, from + METADATA_PIECE_BYTES)
    standing.sentBytes += bytes.length
    link.sendMetadata({ type: "data", piece, totalBytes: info.length, bytes })
  }

  #isTooMuch(link: PeerLink, { waiting, sentBytes }: Standing): boolean {
    if (waiting >= MAX_WAITING || link.connection.bufferedBytes > MAX_QUEUED_BYTES) return true
    return sentBytes >= MAX_COPIES * (this.#source?.sizeBytes ?? 0)
  }

  #standingOf(link: PeerLink): Standing {
    const known = this.#standings.get(link)
    if (known !== undefined) return known
    const standing = { waiting: 0, sentBytes: 0 }
    this.#standings.set(link, standing)
    return standing
  }
}
