import { DialPace } from "./dial-pace.js"

/** Connections over all documents of a client (our choice, with libtorrent's 200 as the model). */
export interface ConnectionLimits {
  readonly maxConnections: number
  /** Kept for documents that hold fewer than `fewConnections`: a large swarm can't take every place from the small ones. */
  readonly keptForFew: number
  readonly fewConnections: number
  /** Connections being opened at once. Half-open ones are what routers and peers mind most. */
  readonly maxDialing: number
}

const defaultConnectionLimits: ConnectionLimits = {
  maxConnections: 200,
  keptForFew: 50,
  fewConnections: 4,
  maxDialing: 100,
}

/** Bounds the connections of a client, shared by all its documents as PartBudget is. Pure book-keeping. */
export class ConnectionBudget {
  /** How fast addresses may be dialled. */
  readonly pace = new DialPace()
  readonly #limits: ConnectionLimits
  #connected = 0
  #dialing = 0

  constructor(limits: ConnectionLimits = defaultConnectionLimits) {
    this.#limits = limits
  }

  get connected(): number {
    return this.#connected
  }

  get dialing(): number {
    return this.#dialing
  }

  /** How many connections a document may begin to open now that has `held` open or being opened. */
  dialRoom(held: number): number {
    return Math.max(0, Math.min(this.#room(held) - this.#dialing, this.#limits.maxDialing - this.#dialing))
  }

  /** May a document that holds `held` connections have one more? */
  admits(held: number): boolean {
    return this.#room(held) > 0
  }

  dialBegan(): void {
    this.#dialing++
  }

  dialEnded(): void {
    this.#dialing--
  }

  opened(): void {
    this.#connected++
  }

  closed(): void {
    this.#connected--
  }

  #room(held: number): number {
    const { maxConnections, keptForFew, fewConnections } = this.#limits
    return maxConnections - (held < fewConnections ? 0 : keptForFew) - this.#connected
  }
}
