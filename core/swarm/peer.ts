import { type Allows, createAllows } from "./answers.js"
import { createInterest, createPeerParts, type Interest, type PeerParts } from "./availability.js"
import { createSlot, type Slot } from "./choker.js"
import { type Contact, createContact } from "./contact.js"
import { createDelivery, type Delivery } from "./delivery.js"
import type { NewPeer, PeerKey } from "./events.js"
import { createExchange, type Exchange } from "./exchange.js"
import { createFastOffer, type FastOffer } from "./fast-parts.js"
import { type Conduct, createConduct } from "./faults.js"
import { RateMeter } from "./rate-meter.js"
import { createRefusals, type Refusals } from "./refusals.js"
import { type Asked, createAsked } from "./request-book.js"
import { createNews, type News } from "./requests.js"
import { createResponse, type Response } from "./response.js"
import { createRevealed, type Revealed } from "./reveal.js"
import { createOwed, type Owed } from "./serve.js"
import type { SwarmState } from "./state.js"
import { createSuggestions, type Suggestions } from "./suggestions.js"

/**
 * One connected peer, as the swarm sees it. What changes is in records; the file that has the record's type is the only one that writes it
 * (`peer.test.ts`).
 */
export interface SwarmPeer {
  readonly key: PeerKey
  /** 20 bytes in hex. */
  readonly peerId: string
  /** See `NewPeer`. */
  readonly isTrusted: boolean
  readonly direction: "incoming" | "outgoing"
  /** Both sides speak BEP 6. */
  readonly fast: boolean
  readonly connectedAtMs: number
  /** Payload in both directions. */
  readonly down: RateMeter
  readonly up: RateMeter
  readonly contact: Contact
  readonly exchange: Exchange
  readonly has: PeerParts
  readonly interest: Interest
  readonly allows: Allows
  readonly suggestions: Suggestions
  readonly asked: Asked
  readonly news: News
  readonly response: Response
  readonly delivery: Delivery
  readonly refusals: Refusals
  readonly slot: Slot
  readonly owed: Owed
  readonly fastOffer: FastOffer
  readonly revealed: Revealed
  readonly conduct: Conduct
}

export function createSwarmPeer(state: SwarmState, facts: NewPeer, nowMs: number): SwarmPeer {
  return {
    key: facts.peer,
    peerId: facts.peerId,
    isTrusted: facts.isTrusted,
    direction: facts.direction,
    fast: facts.fast,
    connectedAtMs: nowMs,
    down: new RateMeter(nowMs),
    up: new RateMeter(nowMs),
    contact: createContact(facts),
    exchange: createExchange(),
    has: createPeerParts(state.lengths.partCount),
    interest: createInterest(nowMs),
    allows: createAllows(nowMs),
    suggestions: createSuggestions(),
    asked: createAsked(),
    news: createNews(),
    response: createResponse(nowMs, facts.handshakeMs),
    delivery: createDelivery(nowMs),
    refusals: createRefusals(),
    slot: createSlot(nowMs),
    owed: createOwed(nowMs),
    fastOffer: createFastOffer(facts.fastParts ?? []),
    revealed: createRevealed(),
    conduct: createConduct(),
  }
}
