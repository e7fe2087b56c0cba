import { createHash } from "node:crypto"
import { formatAddress, type PeerAddress } from "../address/address.js"
import type { EventFacts } from "../api/events.js"
import type { Clock, Random } from "../base/clock.js"
import {
  type ConnectionBudget,
  Description,
  type DescriptionEffect,
  defaultSwarmConfig,
  PeerBook,
  type PeerKey,
  type PeerSource,
} from "../swarm/index.js"
import type { ExtensionHandshake } from "../wire/codec/extension-handshake.js"
import { MAX_METADATA_BYTES, METADATA, METADATA_ID, type MetadataMessage } from "../wire/codec/metadata.js"
import { PEER_EXCHANGE, PEER_EXCHANGE_ID } from "../wire/codec/peer-exchange.js"
import type { CloseReason } from "../wire/connection/close-reason.js"
import type { PeerConnection } from "../wire/connection/connection.js"
import { acceptExchanged } from "./exchange-policy.js"
import { PeerLink, type PeerLinkHost } from "./peer-link.js"

/** Connections for one description (our choice): a few peers are enough, and some of them may be wrong. */
const MAX_CONNECTIONS = 20
const MAX_DIALING = 10

/** Bytes hashed between two looks at other work: 1 to 2 ms. */
const HASHED_AT_A_TIME = 1024 * 1024

/** What fetches a description needs of its client and its document. */
export interface DescriptionHost {
  readonly clock: Clock
  readonly random: Random
  readonly connections: ConnectionBudget
  readonly listeningHost: string
  readonly listeningPort: number
  /** Our handshake of BEP 10, without the extensions. */
  readonly greeting: Omit<ExtensionHandshake, "extensionIds" | "metadataBytes">
  /** The digest of the right dictionary, and how it is computed: its first bytes count. */
  readonly digest: { readonly algorithm: "sha1" | "sha256"; readonly bytes: Uint8Array }
  dial(address: string, firstTry: boolean): void
  /** The description is there, and is the right one. */
  onFound(info: Uint8Array): void
  onNote(note: {
    readonly level: "debug" | "warn"
    readonly name: string
    readonly message: string
    readonly peer: string
    readonly facts?: EventFacts
  }): void
  onChange(): void
}

/** Fetches the info dictionary of a document that is known by its link only (BEP 9): dials peers, and believes what has the digest of the link. */
export class DescriptionRunner implements PeerLinkHost {
  readonly book: PeerBook
  readonly links = new Map<PeerKey, PeerLink>()
  /** Aborted by `close`: pending dials end. */
  readonly closing: AbortSignal
  readonly #closing = new AbortController()
  readonly #host: DescriptionHost
  readonly #description = new Description()
  #isFound = false
  #nextKey: PeerKey = 0

  constructor(host: DescriptionHost) {
    this.closing = this.#closing.signal
    this.#host = host
    this.book = new PeerBook(defaultSwarmConfig, host.connections, host.random)
  }

  get progress(): Description["progress"] {
    return this.#description.progress
  }

  /** Connected peers that offer the description. */
  get sourceCount(): number {
    return this.#description.sourceCount
  }

  /** True while it is looked for. */
  get isActive(): boolean {
    return !this.#isFound && !this.#isClosed
  }

  get #isClosed(): boolean {
    return this.closing.aborted
  }

  tick(): void {
    if (!this.isActive) return
    this.#carryOut(this.#description.tick(this.#nowMs))
    this.#dialMore()
  }

  peersFound(addresses: readonly string[], source: PeerSource): void {
    for (const address of addresses) this.book.note(address, source)
    this.#dialMore()
  }

  sourceOf(address: string): PeerSource | undefined {
    return this.book.get(address)?.source
  }

  selfFound(address: string): void {
    this.book.self(address)
  }

  dialFailed(address: string, { code, why }: { readonly code: string; readonly why: string }): void {
    this.book.failed(address, { code: "failed", error: { code, message: why } }, this.#nowMs)
    this.#dialMore()
  }

  /** A connection has shaken hands. */
  connected(connection: PeerConnection, source: PeerSource): void {
    const refusal = this.#refusalOf(connection)
    if (refusal !== undefined) {
      if (connection.direction === "outgoing") this.dialFailed(connection.address, refusal)
      return connection.close(refusal.code, refusal.why)
    }
    const link = new PeerLink(this.#nextKey++, connection, source, this)
    this.links.set(link.key, link)
    this.#host.connections.opened()
    if (connection.direction === "outgoing") {
      const known = this.book.note(connection.address, "incoming")
      if (known !== undefined) this.book.connected(known, true)
    }
    link.start({ ...this.#host.greeting, extensionIds: OFFERED })
    // BEP 6 wants to hear first what we have.
    if (connection.supportsFast) link.send({ type: "haveNone" })
  }

  /** Ends every connection. May be called twice. */
  close(): void {
    if (this.#isClosed) return
    this.#closing.abort()
    this.book.abandonDials()
    for (const link of this.links.values()) link.close("closing", "this client is closing")
  }

  onMessage(): void {
    // Of parts nothing is known yet.
  }

  onExtended(link: PeerLink, { metadataBytes, extensionIds }: ExtensionHandshake): void {
    if (this.#isFound) return
    if (metadataBytes === undefined || !extensionIds.has(METADATA))
      return link.close("no_description", "has no description of the document yet")
    if (metadataBytes > MAX_METADATA_BYTES) {
      const message = `offers a description of ${metadataBytes} bytes; at most ${MAX_METADATA_BYTES} are fetched`
      this.#host.onNote({ level: "warn", name: "description_too_large", message, peer: link.connection.address })
      return link.close("description_too_large", message)
    }
    this.#carryOut(this.#description.add(link.key, link.connection.address, metadataBytes, this.#nowMs))
  }

  onMetadata(link: PeerLink, message: MetadataMessage): void {
    if (this.#isFound) return
    switch (message.type) {
      case "request":
        return link.sendMetadata({ type: "reject", piece: message.piece })
      case "reject":
        return this.#carryOut(this.#description.rejected(link.key, message.piece, this.#nowMs))
      case "data":
        return this.#carryOut(this.#description.received(link.key, message, this.#nowMs))
    }
  }

  /** Peers that know the document is private send none (BEP 27); all others may. */
  listensToPeers(): boolean {
    return true
  }

  onPeersReceived(link: PeerLink, peers: readonly PeerAddress[]): void {
    const { remote, address } = link.connection
    for (const accepted of acceptExchanged(peers, remote, this.#host)) this.book.note(accepted, "exchange", address)
    this.#dialMore()
  }

  onBytes(): void {
    // Blocks are not taken, so none are counted.
  }

  reserveBlock(): undefined {
    return undefined
  }

  onClosed(link: PeerLink, { code, message }: CloseReason): void {
    this.links.delete(link.key)
    this.#host.connections.closed()
    const { address, direction } = link.connection
    const facts = { code }
    this.#host.onNote({ level: "debug", name: "peer_closed", message: `${message} (${code})`, peer: address, facts })
    if (this.#isClosed) return
    if (direction === "outgoing") this.book.failed(address, { code: "failed", error: { code, message } }, this.#nowMs)
    this.#carryOut(this.#description.remove(link.key, this.#nowMs))
    this.#dialMore()
  }

  get #nowMs(): number {
    return this.#host.clock.now()
  }

  #refusalOf({
    address,
    supportsExtensions,
  }: PeerConnection): { readonly code: string; readonly why: string } | undefined {
    if (!this.isActive) return { code: "closing", why: "this client is closing" }
    if (this.book.isBanned(address)) return { code: "banned", why: "banned earlier in this session" }
    if (!supportsExtensions) return { code: "no_description", why: "can't send the description of a document (BEP 10)" }
    if (this.links.size >= MAX_CONNECTIONS || !this.#host.connections.admits(this.links.size))
      return { code: "full", why: `${this.links.size} peers are connected already` }
    return undefined
  }

  #dialMore(): void {
    if (!this.isActive) return
    const held = this.links.size + this.book.dialing
    const room = Math.min(
      MAX_CONNECTIONS - held,
      MAX_DIALING - this.book.dialing,
      this.#host.connections.dialRoom(held),
    )
    for (const address of this.book.takeDials(room, this.#nowMs)) {
      const known = this.book.get(address)
      this.#host.dial(address, known?.attempts === 0 && !known.met)
    }
    this.#host.onChange()
  }

  #carryOut(effects: readonly DescriptionEffect[]): void {
    for (const effect of effects)
      switch (effect.type) {
        case "request":
          this.links.get(effect.peer)?.sendMetadata({ type: "request", piece: effect.piece })
          break
        case "close":
          this.links.get(effect.peer)?.close(effect.code, effect.why)
          break
        case "strike":
          this.#strike(effect.address)
          break
        case "verify":
          void this.#verify(effect.pieces)
      }
    this.#host.onChange()
  }

  /** A wrong description is no accident: its digest was in the link. */
  #strike(address: string): void {
    this.book.strike(address, 0)
    this.book.ban(address, "incoming", { code: "wrong_description" })
    const message = "it sent a wrong description of the document and is not asked again"
    this.#host.onNote({ level: "warn", name: "wrong_description", message, peer: address })
  }

  async #verify(pieces: readonly Uint8Array[]): Promise<void> {
    const { digest, clock } = this.#host
    const info = Buffer.concat(pieces)
    const hash = createHash(digest.algorithm)
    for (let at = 0; at < info.length; at += HASHED_AT_A_TIME) {
      hash.update(info.subarray(at, at + HASHED_AT_A_TIME))
      await new Promise<void>((resolve) => clock.soon(resolve))
    }
    if (this.#isClosed) return
    const isRight = hash.digest().subarray(0, digest.bytes.length).equals(digest.bytes)
    this.#isFound = isRight
    this.#carryOut(this.#description.verified(isRight, this.#nowMs))
    if (isRight) this.#host.onFound(info)
  }
}

const OFFERED: ReadonlyMap<string, number> = new Map([
  [METADATA, METADATA_ID],
  [PEER_EXCHANGE, PEER_EXCHANGE_ID],
])

/** Where a peer of this run was met, to begin the download with. */
export function addressesOf({ book, links }: DescriptionRunner): readonly string[] {
  const connected = [...links.values()].flatMap(({ connection }) =>
    connection.direction === "outgoing" ? formatAddress(connection.remote) : [],
  )
  return [...new Set([...connected, ...book.worthRemembering()])].filter((address) => !book.isBanned(address))
}
