/** A peer, as it is told to others (BEP 11). */
export interface ExchangedPeer {
  /** "host:port", where it can be dialled. */
  readonly address: string
  readonly isSeed: boolean
  /** We dialled it ourselves, so it can be reached. */
  readonly isReachable: boolean
}

/** What is between us and a peer that takes part in peer exchange. */
export interface Exchange {
  /** Addresses that it was told of and that were not taken back. */
  readonly told: Set<string>
  /** When it may be told more (or it is worth looking whether there is more), and when we listen to it again. */
  tellAtMs: number
  listenAtMs: number
}
