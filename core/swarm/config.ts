/** The swarm's constants. Times are milliseconds, sizes bytes. "BEP n" is the source; the rest is our choice, with its reason. */
export interface SwarmConfig {
  /** Connections of one document. A few dozen suffice to estimate rarity, and each further `have` costs more than it is worth. */
  readonly maxConnections: number
  /** Of these from one IPv4 address or IPv6 /64; several, for a whole team may sit behind one. Loopback is not counted. */
  readonly maxConnectionsPerHost: number
  /** Connections being opened at once: most addresses of an old swarm are dead, and each keeps its place for seconds. */
  readonly maxDialing: number
  /** Known addresses of one document (libtorrent keeps 3,000). */
  readonly maxKnownPeers: number
  /** Known addresses kept from one run to the next, and of these of one IPv4 address or IPv6 /64. */
  readonly maxRememberedPeers: number
  readonly maxRememberedPerNetwork: number
  /** Peers served at once, how often they are chosen anew (BEP 3), and how long each is served at least. */
  readonly uploadSlots: number
  readonly rechokeMs: number
  readonly turnMs: number
  /** Bytes sent to a peer that has parts we lack and never sent any: beyond it the peer is unchoked last. */
  readonly maxGivenBytes: number
  /** Time without a byte of a requested block until the peer is snubbed and its parts go to others, ms. */
  readonly requestTimeoutMs: number
  /** Wait before a peer is asked again for a part that it refused, first and at most; it doubles. */
  readonly refusalMs: number
  readonly maxRefusalMs: number
  /** Snubs in a row after which a peer is dropped. */
  readonly maxSnubs: number
  /** Parts that failed their check from one peer alone: banned for the session. */
  readonly maxStrikes: number
  /**
   * Strikes of one host, over all ports, after which no new peer from it is accepted: a peer that changes its port each time would
   * otherwise never be banned. Several times the limit of one peer, because honest peers may share the address.
   */
  readonly maxStrikesPerHost: number
  /** Requests of one peer, waiting or being sent (rain 250, libtorrent 2,000). Also sent as `reqq`. */
  readonly maxUploadRequests: number
  /**
   * The same for a peer without BEP 6, which cannot be sent a reject and would wait indefinitely (rtorrent has 3,200 requests at a time
   * and sends each once): its requests are never refused; at this number reading pauses until a quarter is served.
   */
  readonly maxUnrefusedRequests: number
  /** A shorter request that does not end its part is refused: no client needs one, and each block costs as much as a whole one. */
  readonly minUploadRequestBytes: number
  /** Requests that could not be granted, or unrequested blocks, before the peer is dropped. */
  readonly maxFaults: number
  /**
   * Bytes of one peer's blocks that are being read and sent at a time: the bytes sent in this time, within a minimum and a maximum. Its
   * other requests wait and can be cancelled. Every block counts as at least 16 KiB: small ones cost no less to read and send.
   */
  readonly uploadWindowMs: number
  readonly minUploadWindowBytes: number
  readonly maxUploadWindowBytes: number
  /** Bytes asked of one peer: at least, at most, and for how long at its present rate (longer where answers take long). */
  readonly minPipelineBytes: number
  readonly maxPipelineBytes: number
  /** At most of one whose answers take long for its distance: 1 Gbit/s at a round trip of 200 ms has 25 MB under way. */
  readonly maxFarPipelineBytes: number
  readonly pipelineMs: number
  /** Time after an unchoke in which the pipeline grows by every byte received, like TCP's slow start, until a rate is known, ms. */
  readonly slowStartMs: number
  /**
   * Time after a suggestion in which a peer is asked for suggested parts alone while it owes blocks and a moment longer: at least, and at
   * most four times what a part takes at its rate, ms.
   */
  readonly suggestionMs: number
  readonly maxSuggestionMs: number
  /** That moment: until the choke or the suggestion that a finished part brings has come, ms. */
  readonly nextSuggestionMs: number
  /** Time without a missing part at a peer before `not interested` is sent, ms. */
  readonly interestMs: number
  /** A seed does not send again what other peers deliver within this time, ms. */
  readonly leaveToPeersMs: number
  /** First and longest wait before an address that failed is dialled again. */
  readonly redialMs: number
  readonly maxRedialMs: number
  /** Two seeds have nothing to exchange: time before they connect again, ms. */
  readonly seedRedialMs: number
  /** After the tracker reports a peer that lacks parts: first wait before seeds are dialled again, and how many at a time. */
  readonly seedWakeMs: number
  readonly seedsAwokenAtOnce: number
  /** Time without payload after which a peer without missing parts yields to a newcomer; shorter while no peer has missing parts, ms. */
  readonly uselessMs: number
  readonly uselessStarvedMs: number
  /** Time after which a peer with missing parts that keeps us choked yields too, after the others, ms. */
  readonly chokedMs: number
  /** Full of such peers: interval at which some yield to addresses that were not dialled for lack of room, and how many at a time. */
  readonly turnoverMs: number
  readonly turnoverPeers: number
  /** In the endgame a second peer joins in when the first would need longer than this for the rest of the part. */
  readonly raceAfterMs: number
}

export const defaultSwarmConfig: SwarmConfig = {
  maxConnections: 60,
  maxConnectionsPerHost: 20,
  maxDialing: 50,
  maxKnownPeers: 3_000,
  maxRememberedPeers: 30,
  maxRememberedPerNetwork: 5,
  uploadSlots: 10,
  rechokeMs: 10_000,
  turnMs: 30_000,
  maxGivenBytes: 64 * 1024 * 1024,
  requestTimeoutMs: 20_000,
  refusalMs: 2_000,
  maxRefusalMs: 60_000,
  maxSnubs: 3,
  maxStrikes: 2,
  maxStrikesPerHost: 6,
  maxUploadRequests: 500,
  maxUnrefusedRequests: 4_096,
  minUploadRequestBytes: 1_024,
  maxFaults: 64,
  uploadWindowMs: 500,
  minUploadWindowBytes: 128 * 1024,
  maxUploadWindowBytes: 2 * 1024 * 1024,
  minPipelineBytes: 128 * 1024,
  maxPipelineBytes: 8 * 1024 * 1024,
  maxFarPipelineBytes: 48 * 1024 * 1024,
  pipelineMs: 250,
  slowStartMs: 500,
  suggestionMs: 1_000,
  maxSuggestionMs: 30_000,
  nextSuggestionMs: 500,
  interestMs: 250,
  leaveToPeersMs: 3_000,
  redialMs: 2_000,
  maxRedialMs: 120_000,
  seedRedialMs: 600_000,
  seedWakeMs: 60_000,
  seedsAwokenAtOnce: 10,
  uselessMs: 60_000,
  uselessStarvedMs: 10_000,
  chokedMs: 180_000,
  turnoverMs: 5_000,
  turnoverPeers: 3,
  raceAfterMs: 500,
}
