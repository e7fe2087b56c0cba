/** The swarm's constants. Times are milliseconds, sizes bytes. "BEP n" is the source; the rest is our choice, with its reason. */
export interface SwarmConfig {
  /** Connections of one document. Beyond a few dozen, rarity is known well enough and every `have` costs more than it tells. */
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
  /** No byte of a requested block for so long: the peer is snubbed and its parts go to others. */
  readonly requestTimeoutMs: number
  /** Wait before a peer is asked again for a part that it refused, first and at most; it doubles. */
  readonly refusalMs: number
  readonly maxRefusalMs: number
  /** Snubbed so often in a row: dropped. */
  readonly maxSnubs: number
  /** Parts that failed their check from one peer alone: banned for the session. */
  readonly maxStrikes: number
  /**
   * Such strikes of one host, whatever ports they came from: nobody new from there is met. Otherwise whoever calls from another
   * port each time would never be banned; several peers' worth, for honest ones may sit behind the same address.
   */
  readonly maxStrikesPerHost: number
  /** Requests a peer may have with us, waiting or being sent (rain 250, libtorrent 2,000). Also told as `reqq`. */
  readonly maxUploadRequests: number
  /**
   * The same for a peer without BEP 6. It can't be told that a request is refused and would wait for ever (rtorrent has 3,200 at a time and
   * asks once), so nothing of it is: at this number it is not read any more until a quarter is served.
   */
  readonly maxUnrefusedRequests: number
  /** A request for less that does not end its part is refused: nobody needs one, and each block costs as much as a whole one. */
  readonly minUploadRequestBytes: number
  /** Requests that could not be granted, or blocks nobody asked for, before the peer is dropped. */
  readonly maxFaults: number
  /**
   * Bytes of one peer's blocks that are being read and sent at a time: what goes out in so long, at least and at most. The rest of
   * its requests wait, and can be cancelled. Every block counts as 16 KiB at least: small ones cost no less to read and send.
   */
  readonly uploadWindowMs: number
  readonly minUploadWindowBytes: number
  readonly maxUploadWindowBytes: number
  /** Bytes asked of one peer: at least, at most, and for how long at its present rate (longer where answers take long). */
  readonly minPipelineBytes: number
  readonly maxPipelineBytes: number
  readonly pipelineMs: number
  /** So long after being unchoked the pipeline grows by every byte received, like TCP's slow start, until a rate is known. */
  readonly slowStartMs: number
  /** So long after a suggestion a peer is asked for what it suggests, and for something else only when its pipeline is empty. */
  readonly suggestionMs: number
  /** So long with nothing that we miss, and a peer is told that we are not interested any more. */
  readonly interestMs: number
  /** What peers that are no seeds bring in so long is left to them: no seed sends it once more to save a part of this time. */
  readonly leaveToPeersMs: number
  /** First and longest wait before an address that failed is dialled again. */
  readonly redialMs: number
  readonly maxRedialMs: number
  /** Two seeds have nothing to say to each other: wait so long before looking again. */
  readonly seedRedialMs: number
  /** When the tracker says that somebody lacks parts: first wait before another seed is looked at again, and how many at a time. */
  readonly seedWakeMs: number
  readonly seedsAwokenAtOnce: number
  /** A peer that moved nothing for so long, and has nothing we lack, gives its place to a newcomer; sooner while nobody has. */
  readonly uselessMs: number
  readonly uselessStarvedMs: number
  /** A peer that has what we lack and let us wait for so long gives its place too, after the others. */
  readonly chokedMs: number
  /** Full of such peers: so often some leave for addresses that were not dialled for want of room, and how many at a time. */
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
  pipelineMs: 250,
  slowStartMs: 500,
  suggestionMs: 1_000,
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
