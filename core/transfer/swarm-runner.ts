import { formatAddress, type PeerAddress } from "../address/address.js"
import { isStrangersPort } from "../address/strangers-port.js"
import { isThisMachine } from "../address/this-machine.js"
import { StoreError } from "../base/errors.js"
import { expectManyListeners } from "../base/many-listeners.js"
import {
  admitBlock,
  type Block,
  createSwarmState,
  defaultSwarmConfig,
  isComplete,
  isStarved,
  needsUnitDigests,
  type PeerKey,
  type PeerSource,
  type SwarmEffect,
  type SwarmEvent,
  type SwarmState,
  step,
} from "../swarm/index.js"
import { allowedFastSet } from "../wire/codec/allowed-fast.js"
import type { ExtensionHandshake } from "../wire/codec/extension-handshake.js"
import type { PeerMessage } from "../wire/codec/messages.js"
import type { MetadataMessage } from "../wire/codec/metadata.js"
import { PEER_EXCHANGE } from "../wire/codec/peer-exchange.js"
import { isOwnKind } from "../wire/codec/peer-id.js"
import type { CloseReason } from "../wire/connection/close-reason.js"
import type { PeerConnection } from "../wire/connection/connection.js"
import { BlockServer } from "./block-server.js"
import { acceptExchanged, extensionsFor, mayExchange, peersToSend } from "./exchange-policy.js"
import { NoteLimiter } from "./note-limiter.js"
import { PartChecker } from "./part-checker.js"
import { PartMemory } from "./part-memory.js"
import { PeerLink, type PeerLinkHost } from "./peer-link.js"
import type { SwarmHost } from "./swarm-host.js"

/** Drives one document's swarm state: carries its effects out on sockets, disk and memory, and brings the results back as events. */
export class SwarmRunner implements PeerLinkHost {
  readonly state: SwarmState
  readonly links = new Map<PeerKey, PeerLink>()
  /** Aborted by `close`: pending dials of this swarm end. */
  readonly closing: AbortSignal
  readonly #closing = new AbortController()
  readonly #host: SwarmHost
  readonly #notes: NoteLimiter
  readonly #memory: PartMemory
  readonly #blocks: BlockServer
  readonly #checker: PartChecker
  readonly #queue: SwarmEvent[] = []
  #running = false
  #closed = false
  #nextKey: PeerKey = 0

  constructor(host: SwarmHost) {
    this.closing = this.#closing.signal
    expectManyListeners(this.closing)
    this.#host = host
    this.#notes = new NoteLimiter(host.clock)
    this.#memory = new PartMemory(host.buffers)
    this.#blocks = new BlockServer({
      store: host.store,
      upLimit: host.upLimit,
      linkOf: (peer) => this.links.get(peer),
      onSent: (peer, block, ok) => this.handle({ type: "blockSent", peer, ...block, ok }),
      onReadFailed: (index, error) => this.#onReadFailed(index, error),
    })
    this.#checker = new PartChecker({
      store: host.store,
      clock: host.clock,
      needsUnitDigests: (index, outcome) => needsUnitDigests(this.state, index, outcome),
      onChecked: (index, outcome, unitDigests) => this.handle({ type: "partChecked", index, outcome, unitDigests }),
      onStoreFailed: (error) => host.onStoreFailed(error),
      // The swarm takes no events after `close`, so it can't release this part's memory itself.
      onDone: (byteCount) => this.#closed && host.budget.give(byteCount),
    })
    this.state = createSwarmState({
      lengths: host.lengths,
      ...{ have: host.store.have, wanted: host.store.wanted, doubtful: host.store.doubtful },
      forgoMissing: !host.store.isGrowing,
      config: defaultSwarmConfig,
      random: host.random,
      budget: host.budget,
      connections: host.connections,
      selfId: Buffer.from(host.selfId).toString("hex"),
      nowMs: host.clock.now(),
    })
  }

  get isStarved(): boolean {
    return isStarved(this.state)
  }

  /** True while ticks are needed: demand, a connection or a dial exists, or a rate is still changing. */
  get isActive(): boolean {
    const { paused, book, down, up } = this.state
    if (paused) return false
    const isMoving = down.bytesPerSecond > 0 || up.bytesPerSecond > 0
    return !isComplete(this.state) || this.links.size > 0 || book.dialing > 0 || isMoving || book.hasLostPeer
  }

  /** Hashes the parts that may be on disk; resolves when all were hashed or the wait was cancelled. Other parts are fetched meanwhile. */
  async checkDoubtful(): Promise<void> {
    try {
      await this.#host.store.checkDoubtful((index, good) => this.handle({ type: "partFound", index, good }))
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#host.onStoreFailed(error)
    }
  }

  /** Time went by. */
  tick(): void {
    for (const summary of this.#notes.takeSummaries()) this.#host.onNote(summary)
    const unread = new Set<PeerKey>()
    for (const link of this.links.values()) {
      this.#reportBytes(link)
      if (link.takeHeld()) unread.add(link.key)
    }
    this.handle({ type: "tick", unread })
  }

  /** Brings an event in. Effects may lead to further events, which wait for their turn. */
  handle(event: SwarmEvent): void {
    if (this.#closed) return
    this.#queue.push(event)
    if (this.#running) return
    this.#running = true
    const nowMs = this.#host.clock.now()
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
        for (const effect of step(this.state, next, nowMs)) this.#carryOut(effect)
    } finally {
      this.#running = false
    }
    this.#host.onChange()
  }

  /** A connection has shaken hands. */
  connected(connection: PeerConnection, source: PeerSource): void {
    if (this.#closed) return connection.close("closing", "this client is closing")
    const key = this.#nextKey++
    const link = new PeerLink(key, connection, source, this)
    this.links.set(key, link)
    const peerId = Buffer.from(connection.peerId).toString("hex")
    const { address, direction, encrypted, supportsFast: fast, infoHash, remote, handshakeMs } = connection
    const fastParts = fast ? allowedFastSet(remote.host, infoHash, this.#host.lengths.partCount) : []
    const kind = { isOwnKind: isOwnKind(connection.peerId), isTrusted: encrypted || isThisMachine(remote.host) }
    this.handle({ type: "peerConnected", peer: key, address, peerId, direction, fast, fastParts, handshakeMs, ...kind })
    link.start({ ...this.#host.greeting, ...extensionsFor(this.#host, connection.peerId) })
  }

  /** Ends every connection and waits for the parts that are being written. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.handle({ type: "paused" })
      this.#closed = true
      this.#closing.abort()
      for (const link of this.links.values()) link.close("closing", "this client is closing")
    }
    await this.#checker.idle()
    this.#memory.close()
  }

  onMessage(link: PeerLink, message: PeerMessage): void {
    if (message.type === "piece") this.#reportBytes(link)
    this.handle({ type: "message", peer: link.key, message })
  }

  onExtended(link: PeerLink, handshake: ExtensionHandshake): void {
    const { listeningPort: port, maxRequests, maxBlockBytes } = handshake
    const { host } = link.connection.remote
    this.handle({
      type: "peerExtended",
      peer: link.key,
      blockBytes: maxBlockBytes,
      maxRequests: maxRequests ?? 250,
      listenAddress: port !== undefined && isStrangersPort(port) ? formatAddress({ host, port }) : undefined,
    })
    if (handshake.extensionIds.has(PEER_EXCHANGE) && this.listensToPeers(link))
      this.handle({ type: "exchangeAgreed", peer: link.key })
  }

  onPeersReceived(link: PeerLink, peers: readonly PeerAddress[]): void {
    this.handle({
      type: "peersReceived",
      peer: link.key,
      addresses: acceptExchanged(peers, link.connection.remote, this.#host),
    })
  }

  onMetadata(link: PeerLink, message: MetadataMessage): void {
    if (message.type === "request") this.#host.metadata?.onRequest(link, message.piece)
  }

  /** Bytes of this document have come and wait for the download limit. */
  get isHeldByLimit(): boolean {
    return this.#host.downLimit.holds(this)
  }

  onBytes(link: PeerLink, byteCount: number): void {
    const { downLimit } = this.#host
    link.unreportedBytes += byteCount
    // Already received: reading resumes when the limiter has granted these bytes.
    if (downLimit.bytesPerSecond !== undefined) downLimit.spend(this, byteCount, link.hold())
  }

  onClosed(link: PeerLink, reason: CloseReason): void {
    this.#reportBytes(link)
    this.links.delete(link.key)
    const { address } = link.connection
    const message = `${reason.message} (${reason.code}, ${link.clientName})`
    this.#host.onNote({
      type: "note",
      level: "debug",
      name: "peer_closed",
      message,
      address,
      facts: { code: reason.code },
    })
    this.handle({ type: "peerClosed", peer: link.key, why: reason.message, code: reason.code })
  }

  reserveBlock(link: PeerLink, block: Block): { readonly place: Uint8Array; readonly done: () => void } | undefined {
    if (admitBlock(this.state, link.key, block))
      return this.#memory.reserveBlock(block.index, block.begin, block.length)
    // Its bytes are dropped as they come: the request is over.
    this.handle({ type: "message", peer: link.key, message: { type: "piece", ...block } })
    return undefined
  }

  #carryOut(effect: SwarmEffect): void {
    switch (effect.type) {
      case "send":
        return this.links.get(effect.peer)?.send(effect.message)
      case "sendBlock": {
        const { index, begin, length } = effect
        return this.#blocks.serve(effect.peer, { index, begin, length })
      }
      case "holdReading":
      case "resumeReading":
        return this.links.get(effect.peer)?.setHeld(effect.type === "holdReading")
      case "openPart":
        return this.#memory.open(effect.index, effect.lengthBytes)
      case "dropPart":
        return this.#memory.drop(effect.index)
      case "checkPart":
        return this.#checkPart(effect.index)
      case "sendPeers":
        return this.#sendPeers(effect)
      case "dial":
        return this.#host.dial(effect.address, effect.firstTry)
      case "close":
        return this.links.get(effect.peer)?.close(effect.code, effect.why)
      case "completed":
        return this.#host.onCompleted()
      case "note":
        return this.#reportNote(effect)
    }
  }

  /** A block is read in pieces: their bytes are reported together, when the block is complete and at every tick. */
  #reportBytes(link: PeerLink): void {
    const { key, unreportedBytes: byteCount } = link
    link.unreportedBytes = 0
    if (byteCount > 0) this.handle({ type: "bytesReceived", peer: key, byteCount })
  }

  listensToPeers(link: PeerLink): boolean {
    return mayExchange(this.#host.exchangePartners, link.connection.peerId)
  }

  #checkPart(index: number): void {
    const bytes = this.#memory.bytesOf(index)
    if (bytes !== undefined) void this.#checker.check(index, bytes)
  }

  #sendPeers(effect: Extract<SwarmEffect, { readonly type: "sendPeers" }>): void {
    const { added, dropped } = peersToSend(effect)
    this.links.get(effect.peer)?.sendPeers(added, dropped)
  }

  #reportNote(note: Extract<SwarmEffect, { readonly type: "note" }>): void {
    if (note.level === "debug" || this.#notes.admits(note.name)) this.#host.onNote(note)
  }

  #onReadFailed(index: number, error: StoreError): void {
    if (error.code === "file_changed") return this.#host.onStoreFailed(error)
    // Temporary: the refused peer requests again, or the document is closed and has no peers.
    if (error.code === "too_many_files" || error.code === "store_closed") return
    if (this.state.have.has(index)) {
      const message = `part ${index} is not served any more: ${error.message}`
      this.#host.onNote({ type: "note", level: "warn", name: "part_lost", message, facts: { part: index } })
    }
    this.handle({ type: "partLost", index, refetch: this.#host.store.isGrowing })
  }
}
