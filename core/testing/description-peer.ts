import { PeerLink } from "../transfer/peer-link.js"
import { createPeerListener, type PeerListener } from "../wire/calls/listener.js"
import { METADATA, METADATA_ID, METADATA_PIECE_BYTES, type MetadataMessage } from "../wire/codec/metadata.js"
import type { PeerConnection } from "../wire/connection/connection.js"
import { Pulse } from "../wire/connection/pulse.js"
import { FakeClock } from "./fake-clock.js"

/** What a scripted peer says of the info dictionary. */
export interface ScriptedDescription {
  /** What it claims the size to be; undefined: it has none. */
  readonly sizeBytes: number | undefined
  /** Undefined: no answer. */
  pieceOf(piece: number): Uint8Array | undefined
}

/** The right dictionary, or any other. */
export function scripted(info: Uint8Array): ScriptedDescription {
  const pieceOf = (piece: number) => info.subarray(piece * METADATA_PIECE_BYTES, (piece + 1) * METADATA_PIECE_BYTES)
  return { sizeBytes: info.length, pieceOf }
}

/** Every peer has an id of its own. */
let count = 0

/** A peer on 127.0.0.1 that has no parts of any open document, and answers requests for its description (BEP 9) as the test sets it. */
export class DescriptionPeer {
  /** Pieces that were requested, in order. */
  readonly asked: number[] = []
  readonly #description: ScriptedDescription
  readonly #connections: PeerConnection[] = []
  #listener: PeerListener | undefined

  private constructor(description: ScriptedDescription) {
    this.#description = description
  }

  static async listen(description: ScriptedDescription): Promise<DescriptionPeer> {
    const peer = new DescriptionPeer(description)
    peer.#listener = await createPeerListener({
      host: "127.0.0.1",
      port: 0,
      peerId: Uint8Array.from(Buffer.from(`-XX0001-${String(++count).padStart(12, "0")}`)),
      pulse: new Pulse(new FakeClock()),
      lookup: () => ({ partCount: undefined }),
      onConnection: (connection) => peer.#onConnection(connection),
    })
    return peer
  }

  get address(): string {
    return `127.0.0.1:${this.#listener?.port}`
  }

  close(): void {
    this.#listener?.close()
    for (const connection of this.#connections) connection.close("test_over", "the test is over")
  }

  #onConnection(connection: PeerConnection): void {
    this.#connections.push(connection)
    const link: PeerLink = new PeerLink(1, connection, "incoming", {
      onMessage: () => undefined,
      onExtended: () => undefined,
      onMetadata: (_, message) => this.#onMetadata(link, message),
      listensToPeers: () => false,
      onPeersReceived: () => undefined,
      onBytes: () => undefined,
      onClosed: () => undefined,
      reserveBlock: () => undefined,
    })
    const { sizeBytes } = this.#description
    link.start({
      ...{ client: "scripted", listeningPort: undefined, maxRequests: 250, maxBlockBytes: 16_384 },
      metadataBytes: sizeBytes,
      extensionIds: new Map(sizeBytes === undefined ? [] : [[METADATA, METADATA_ID]]),
    })
  }

  #onMetadata(link: PeerLink, { type, piece }: MetadataMessage): void {
    if (type !== "request") return
    this.asked.push(piece)
    const bytes = this.#description.pieceOf(piece)
    if (bytes !== undefined) link.sendMetadata({ type: "data", piece, totalBytes: this.#description.sizeBytes, bytes })
  }
}
