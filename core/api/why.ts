import type { TrackerSnapshot } from "./tracker-snapshot.js"

/** Why a document stands still, or moves no faster: a code, and the facts that belong to it. */
export type WhyFacts =
  /** `missingParts` is unknown when the document was paused before all data on disk was checked. */
  | { readonly code: "paused"; readonly missingParts: number | undefined; readonly partCount: number }
  /** `goesOn`: it is tried again, or looked for, without a command. */
  | { readonly code: "failed"; readonly error: ErrorFacts; readonly goesOn: boolean }
  /** Nothing describes it any more. */
  | { readonly code: "torrent_gone"; readonly error: ErrorFacts }
  /** It seeds, to no peer, and its trackers name it to none. */
  | { readonly code: "not_findable"; readonly tracker: TrackerSnapshot }
  | HeldByLimit
  /** `parts` of the missing parts may be on disk and are being hashed. */
  | { readonly code: "checking_parts"; readonly parts: number }
  /** Files of a folder that became wanted, and of which bytes were kept aside, get their place: so many of `totalFiles` have it. */
  | { readonly code: "moving_files"; readonly doneFiles: number; readonly totalFiles: number }
  /** Peers that serve us were asked. */
  | { readonly code: "waiting_for_bytes"; readonly peers: number }
  /** Peers have missing parts, and all of them choke us. */
  | { readonly code: "waiting_for_turn"; readonly peers: number }
  | NoSource
  /** `peers` peers are being dialled, and none is connected. */
  | { readonly code: "connecting"; readonly peers: number; readonly tracker: TrackerSnapshot }
  | NoneConnected
  /** The document is known by its link, and `connectedPeers` peers have no description of it. */
  | { readonly code: "no_description"; readonly connectedPeers: number; readonly tracker: TrackerSnapshot }
  /** Its description is being fetched from `peers` peers; bytes in all as they say. */
  | {
      readonly code: "fetching_description"
      readonly peers: number
      readonly receivedBytes: number
      readonly totalBytes: number | undefined
    }
  /** `meeting`: where there is no tracker. */
  | { readonly code: "no_peer_known"; readonly tracker: TrackerSnapshot; readonly meeting?: MeetingFacts }

/** Where the peers of a document without a tracker may come from. */
export interface MeetingFacts {
  /** Hosts and names of the config. */
  readonly listedHosts: number
  /** It is looked for on the local network. */
  readonly lan: boolean
  /** Its torrent leaves its peers to DHT, which is not supported. */
  readonly dhtOnly: boolean
}

export interface HeldByLimit {
  readonly code: "held_by_limit"
  readonly direction: "download" | "upload"
  readonly limitBytesPerSecond: number | undefined
}

/**
 * Part `firstMissing` (0-based), the only one or the lowest of `missingParts`, is to be had nowhere. `seederLeftAtMs`: when the last
 * peer left that had every part and was connected in this run; undefined: none did.
 */
export type NoSource = {
  readonly missingParts: number
  readonly firstMissing: number
  /** Of a folder: a wanted file that this part is of, its path fit to show. */
  readonly file?: string
  readonly tracker: TrackerSnapshot
} & (
  | {
      readonly code: "no_peer_has"
      readonly connectedPeers: number
      readonly banned: NamedPeer | undefined
      readonly seederLeftAtMs?: number | undefined
    }
  /** Peers have it, and none of them is a valid source: `source` is one of them. */
  | { readonly code: "no_valid_source"; readonly source: NamedPeer }
)

/** None of `knownPeers` is connected: the most informative reason of one peer, and the commonest reason of the others. */
export interface NoneConnected {
  readonly code: "no_peer_connected"
  readonly knownPeers: number
  readonly peer: NamedPeer
  readonly others: { readonly count: number; readonly why: PeerReason } | undefined
  /** When the last peer left that had every part and was connected in this run; undefined: none did. */
  readonly seederLeftAtMs?: number | undefined
  readonly tracker: TrackerSnapshot
}

/** A peer that stands for others like it. */
export interface NamedPeer {
  /** "host:port", IPv6 in brackets. */
  readonly address: string
  readonly why: PeerReason
}

/** Why a peer is not connected, or is no source though it is. */
export type PeerReason =
  | { readonly code: "not_tried" | "dialing" }
  /** The document was paused while it was connected. */
  | { readonly code: "paused" }
  /** Both have every part. */
  | { readonly code: "seed_too" }
  /** Part `part` and `earlierParts` before it failed their check. */
  | { readonly code: "banned"; readonly part: number; readonly earlierParts: number }
  /** It sent a description that is not that of the link. */
  | { readonly code: "wrong_description" }
  /** No connection came about, or it ended. The message is one clause to show after its address. */
  | { readonly code: "failed"; readonly error: ErrorFacts }
  /** The peer is connected, and rejects requests for missing parts, or sent wrong bytes for them. */
  | { readonly code: "refuses" | "bad_parts" }

/** A P2pError as a value. */
export interface ErrorFacts {
  readonly code: string
  /** Its sentence, fit to show. */
  readonly message: string
}
