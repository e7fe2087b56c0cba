import type { Clock, Random } from "../base/clock.js"
import type { StoreError } from "../base/errors.js"
import type { DocumentStore } from "../store/document-store.js"
import type { ConnectionBudget, PartBudget, SwarmEffect } from "../swarm/index.js"
import type { Lengths } from "../torrent/lengths.js"
import type { ExtensionHandshake } from "../wire/codec/extension-handshake.js"
import type { ExchangePartners } from "./exchange-policy.js"
import type { MetadataServer } from "./metadata-server.js"
import type { BufferPool } from "./part-memory.js"
import type { RateLimit } from "./rate-limit.js"

/** The parts of a document, as its swarm sees them. */
export type SwarmStore = Pick<DocumentStore, "have" | "doubtful" | "isGrowing" | "put" | "read" | "checkDoubtful"> &
  Partial<Pick<DocumentStore, "wanted">>

/** What a running swarm needs from its client and reports to its document. */
export interface SwarmHost {
  readonly lengths: Lengths
  readonly store: SwarmStore
  readonly selfId: Uint8Array
  readonly budget: PartBudget
  readonly connections: ConnectionBudget
  readonly buffers: BufferPool
  readonly upLimit: RateLimit
  readonly downLimit: RateLimit
  readonly clock: Clock
  readonly random: Random
  /** Our handshake of BEP 10, without the extensions, which depend on the receiver. */
  readonly greeting: Omit<ExtensionHandshake, "extensionIds" | "metadataBytes">
  /** Sends the info dictionary; without it none is offered. */
  readonly metadata?: MetadataServer | undefined
  readonly exchangePartners: ExchangePartners
  readonly listeningHost: string
  readonly listeningPort: number
  /** Opens a connection to "host:port"; the answer comes back through `connected` or `dialFailed`. */
  dial(address: string, firstTry: boolean): void
  onCompleted(): void
  onStoreFailed(error: StoreError): void
  onNote(effect: Extract<SwarmEffect, { readonly type: "note" }>): void
  onChange(): void
}
