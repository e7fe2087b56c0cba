import type { PeerAddress } from "../address/address.js"
import { ProtocolError } from "../base/errors.js"
import type { Block, PeerKey, PeerSource } from "../swarm/index.js"
import {
  decodeExtensionHandshake,
  EXTENSION_HANDSHAKE_ID,
  type ExtensionHandshake,
  encodeExtensionHandshake,
} from "../wire/codec/extension-handshake.js"
import type { OutgoingMessage, PeerMessage } from "../wire/codec/messages.js"
import { decodeMetadata, encodeMetadata, METADATA, METADATA_ID, type MetadataMessage } from "../wire/codec/metadata.js"
import {
  type AddedPeer,
  decodePeerExchange,
  encodePeerExchange,
  PEER_EXCHANGE,
  PEER_EXCHANGE_ID,
} from "../wire/codec/peer-exchange.js"
import { describePeerId } from "../wire/codec/peer-id.js"
import type { CloseReason } from "../wire/connection/close-reason.js"
import type { PeerConnection } from "../wire/connection/connection.js"

/** Receiver of a link's events and owner of the buffers it reads into. */
export interface PeerLinkHost {
  onMessage(link: PeerLink, message: PeerMessage): void
  onExtended(link: PeerLink, handshake: ExtensionHandshake): void
  /** Peers are exchanged with it. */
  listensToPeers(link: PeerLink): boolean
  /** The peer requests or sends a piece of the info dictionary (BEP 9). */
  onMetadata?(link: PeerLink, message: MetadataMessage): void
  /** The peer named other peers (BEP 11); not validated. */
  onPeersReceived(link: PeerLink, peers: readonly PeerAddress[]): void
  onBytes(link: PeerLink, byteCount: number): void
  onClosed(link: PeerLink, reason: CloseReason): void
  /** A block's place in its part's buffer, or undefined to read and drop it. */
  reserveBlock(link: PeerLink, block: Block): { readonly place: Uint8Array; readonly done: () => void } | undefined
}

/** One connected peer of one document: the connection, its BEP 10 handshake, and the block that is being read. */
export class PeerLink {
  readonly key: PeerKey
  readonly connection: PeerConnection
  readonly source: PeerSource
  /** Name and version, fit to show. */
  clientName: string
  /** Bytes of blocks that were not reported to the swarm yet. */
  unreportedBytes = 0
  readonly #host: PeerLinkHost
  #blockDone: (() => void) | undefined
  /** Under which id it wants peer exchange, if it does. */
  #exchangeId: number | undefined
  /** The same for the info dictionary. */
  #metadataId: number | undefined
  /** Number of holds that are not released: the socket stays paused while it is above 0. */
  #holds = 0
  #letGo: (() => void) | undefined
  #wasHeld = false

  constructor(key: PeerKey, connection: PeerConnection, source: PeerSource, host: PeerLinkHost) {
    this.key = key
    this.connection = connection
    this.source = source
    this.clientName = describePeerId(connection.peerId)
    this.#host = host
  }

  /** Begins to read; greets with our BEP 10 handshake where the peer speaks it. */
  start(greeting: ExtensionHandshake): void {
    if (this.connection.supportsExtensions)
      this.send({ type: "extended", id: EXTENSION_HANDSHAKE_ID, payload: encodeExtensionHandshake(greeting) })
    this.connection.start({
      onMessage: (message) => this.#onMessage(message),
      placeBlock: (index, begin, length) => this.#placeBlock({ index, begin, length }),
      onBlockProgress: (byteCount) => this.#host.onBytes(this, byteCount),
      // Blocks are sent within a window, so the queue is bounded even without the socket's back-pressure.
      onClose: (reason) => {
        this.#endBlock()
        this.#host.onClosed(this, reason)
      },
    })
  }

  send(message: OutgoingMessage): void {
    this.connection.send(message)
  }

  /** Stops reading until the returned function is called, because a limit is reached. May be held several times. */
  hold(): () => void {
    this.#holds++
    this.#wasHeld = true
    this.connection.pauseReading()
    return () => {
      this.#holds--
      if (this.#holds === 0) this.connection.resumeReading()
    }
  }

  /** True when it is held, or was since the last call. */
  takeHeld(): boolean {
    const held = this.#wasHeld
    this.#wasHeld = this.#holds > 0
    return held
  }

  /** Stops reading while `held`: too many of the peer's requests wait. */
  setHeld(held: boolean): void {
    this.#letGo?.()
    this.#letGo = held ? this.hold() : undefined
  }

  /** Sends the added and dropped peers if the peer supports peer exchange. */
  sendPeers(added: readonly AddedPeer[], dropped: readonly PeerAddress[]): void {
    if (this.#exchangeId === undefined) return
    this.send({ type: "extended", id: this.#exchangeId, payload: encodePeerExchange(added, dropped) })
  }

  /** Does nothing for a peer that does not support the extension. */
  sendMetadata(message: MetadataMessage): void {
    if (this.#metadataId === undefined) return
    this.send({ type: "extended", id: this.#metadataId, payload: encodeMetadata(message) })
  }

  sendBlock(block: Block, bytes: Uint8Array, sent: () => void): void {
    this.connection.sendPiece(block.index, block.begin, bytes, sent)
  }

  close(code: string, why: string): void {
    this.connection.close(code, why)
  }

  #onMessage(message: PeerMessage): void {
    if (message.type === "piece") this.#endBlock()
    if (message.type === "extended") this.#onExtended(message.id, message.payload)
    else this.#host.onMessage(this, message)
  }

  /** Ids that we did not offer are ignored. Malformed payloads are ignored too, as in other clients: parts transfer without extensions. */
  #onExtended(id: number, payload: Uint8Array): void {
    try {
      if (id === EXTENSION_HANDSHAKE_ID) this.#onGreeting(decodeExtensionHandshake(payload))
      else if (id === PEER_EXCHANGE_ID && this.#host.listensToPeers(this))
        this.#host.onPeersReceived(this, decodePeerExchange(payload))
      else if (id === METADATA_ID) this.#onMetadata(payload)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
    }
  }

  #onMetadata(payload: Uint8Array): void {
    const message = decodeMetadata(payload)
    if (message !== undefined) this.#host.onMetadata?.(this, message)
  }

  #onGreeting(handshake: ExtensionHandshake): void {
    this.clientName = handshake.client ?? this.clientName
    this.#exchangeId = handshake.extensionIds.get(PEER_EXCHANGE)
    this.#metadataId = handshake.extensionIds.get(METADATA)
    this.#host.onExtended(this, handshake)
  }

  #placeBlock(block: Block): Uint8Array | undefined {
    const reserved = this.#host.reserveBlock(this, block)
    this.#blockDone = reserved?.done
    return reserved?.place
  }

  #endBlock(): void {
    this.#blockDone?.()
    this.#blockDone = undefined
  }
}
