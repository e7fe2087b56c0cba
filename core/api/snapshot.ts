import type { SelectionSnapshot } from "./selection.js"
import type { TrackerSnapshot } from "./tracker-snapshot.js"
import type { PeerReason, WhyFacts } from "./why.js"

/**
 * The state for the screen and the line mode: frozen values, made a few times a second. It holds no engine objects, and foreign strings
 * have lost their control characters. Rates are bytes per second, smoothed.
 */
export interface ClientSnapshot {
  /** Monotonic milliseconds (the engine's clock). */
  readonly takenAtMs: number
  readonly listening: { readonly host: string; readonly port: number }
  readonly tracker: TrackerSnapshot
  readonly downBytesPerSecond: number
  readonly upBytesPerSecond: number
  readonly limits: Limits
  /** In the order they were added. */
  readonly documents: readonly DocumentSnapshot[]
  /** Long work that is not a transfer: hashing for an upload. */
  readonly jobs: readonly JobSnapshot[]
}

/** Bytes per second; undefined is without limit. */
export interface Limits {
  readonly downBytesPerSecond: number | undefined
  readonly upBytesPerSecond: number | undefined
}

export type DocumentState = "checking" | "downloading" | "seeding" | "paused" | "failed"

export interface DocumentSnapshot {
  /** The document's uuid. */
  readonly id: string
  /** A name fit to show: from the torrent file, else the file's own. */
  readonly name: string
  readonly filePath: string
  readonly torrentPath: string
  readonly sizeBytes: number
  readonly partSizeBytes: number
  readonly partCount: number
  /** False while it is known by its link only: then its size and name are what the link says, and it has no parts yet. */
  readonly isDescribed?: boolean
  /** A folder; else a single file. */
  readonly isFolder: boolean
  /** Files without padding; 1 for a single file. */
  readonly fileCount: number
  /** Undefined while every file is wanted. */
  readonly selection: SelectionSnapshot | undefined
  readonly open: boolean
  /** Of this document alone, within those of the client. */
  readonly limits: Limits
  readonly state: DocumentState
  /** Why it stands still, or moves no faster; undefined while bytes move unhindered or nothing is wanted. */
  readonly why: WhyFacts | undefined
  /** Verified parts and bytes on disk. While "checking": those found good so far. */
  readonly haveCount: number
  readonly haveBytes: number
  /** Parts checked so far while "checking", else undefined. */
  readonly checkedCount: number | undefined
  /** Rate of the check; 0 when nothing is checked. */
  readonly checkedBytesPerSecond: number
  readonly downBytesPerSecond: number
  readonly upBytesPerSecond: number
  /** Payload of this session. */
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  /** Seconds until all is fetched (checked, while "checking") at the present rate, or undefined when unknown. */
  readonly etaSeconds: number | undefined
  readonly connectedPeers: number
  readonly knownPeers: number
  /** Parts found good on disk when the download started, before anything was fetched. */
  readonly reusedCount: number
}

/** Details of one document, requested by id: not part of every snapshot. */
export interface DocumentDetail {
  readonly id: string
  /** Monotonic milliseconds (the engine's clock). */
  readonly takenAtMs: number
  /** One byte per part: a `PartState`. Length partCount; empty while the states are unknown, as during a check. */
  readonly parts: Uint8Array
  /** One byte a part: connected peers that have it, at most 255. As long as `parts`. */
  readonly availability: Uint8Array
  readonly inFlight: readonly PartInFlight[]
  readonly peers: readonly PeerSnapshot[]
  readonly known: readonly KnownPeerSnapshot[]
  /** Of an open document. That of a private one holds its key, and is given by `Client.link` alone. */
  readonly link?: string | undefined
  /** Connected peers that have parts of the range that was asked for; undefined without one. */
  readonly holders?: PartHolders | undefined
  /** Of a folder that is being downloaded: complete files of those that are wanted, at most a second old. */
  readonly doneFiles?: number | undefined
}

/** Parts of a document: 0-based, `end` is not among them. */
export interface PartRange {
  readonly start: number
  readonly end: number
}

export interface PartHolders {
  /** As it was asked for. */
  readonly range: PartRange
  /** Those with the most of these parts first. */
  readonly peers: readonly { readonly address: string; readonly haveCount: number }[]
}

/** A part is in exactly one of these. */
export const PartState = { missing: 0, requested: 1, verifying: 2, have: 3 } as const
export type PartState = (typeof PartState)[keyof typeof PartState]

export interface PartInFlight {
  /** 0-based part index. */
  readonly index: number
  readonly lengthBytes: number
  readonly receivedBytes: number
  /** Addresses of the peers it is asked from; none while it is verified, or waits for another peer because the last one left. */
  readonly peers: readonly string[]
  /** Mean since it was begun; 0 while no peer is asked. */
  readonly bytesPerSecond: number
  readonly ageMs: number
  /** How often it was begun before. */
  readonly retries: number
  readonly verifying: boolean
}

export interface PeerSnapshot {
  /** "host:port", IPv6 in brackets. */
  readonly address: string
  /** Name and version from the peer's extension handshake, otherwise derived from its peer id. */
  readonly client: string
  readonly direction: "incoming" | "outgoing"
  readonly encrypted: boolean
  /** Parts it has. */
  readonly haveCount: number
  readonly downBytesPerSecond: number
  readonly upBytesPerSecond: number
  readonly downloadedBytes: number
  readonly uploadedBytes: number
  /** Requests we wait for, and requests it waits for. */
  readonly requestsOut: number
  readonly requestsIn: number
  readonly amChoking: boolean
  readonly amInterested: boolean
  readonly peerChoking: boolean
  readonly peerInterested: boolean
  /** Parts of this peer that failed their check. */
  readonly failures: number
  readonly source: PeerSource
}

/** "listed": a host of the config; "lan": it announced itself on the local network. */
export type PeerSource = "tracker" | "exchange" | "incoming" | "remembered" | "listed" | "lan"

export interface KnownPeerSnapshot {
  readonly address: string
  readonly source: PeerSource
  /** Why it is not connected. */
  readonly why: PeerReason
  /** Monotonic milliseconds: not dialled again before. */
  readonly retryAtMs: number | undefined
}

export interface JobSnapshot {
  /** Never the id of a document. */
  readonly id: string
  readonly kind: "hashing"
  readonly name: string
  /** Of the file or folder that is hashed. */
  readonly filePath: string
  readonly doneBytes: number
  readonly totalBytes: number
  /** Files hashed to their end, of those of a folder; absent for a file. */
  readonly doneFiles?: number
  readonly totalFiles?: number
  readonly bytesPerSecond: number
  /** It stands still until `resume`; absent while it runs. */
  readonly isPaused?: boolean
}
