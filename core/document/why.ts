import type { TrackerSnapshot } from "../api/tracker-snapshot.js"
import type { ErrorFacts, HeldByLimit, MeetingFacts, NamedPeer, PeerReason, WhyFacts } from "../api/why.js"

/** How a document stands, and all that matters there for why it does not move. */
export type DocumentFacts =
  | { readonly type: "checking" }
  /** Files that became wanted get their place. */
  | { readonly type: "moving"; readonly doneFiles: number; readonly totalFiles: number }
  /** `missingCount` is unknown when the document was paused before all data on disk was checked. */
  | { readonly type: "paused"; readonly missingCount: number | undefined; readonly partCount: number }
  /** `goesOn`: it is tried again, or looked for, without a command. */
  | { readonly type: "failed"; readonly error: ErrorFacts; readonly goesOn: boolean }
  | ({ readonly type: "seeding" } & SeedingFacts)
  | ({ readonly type: "downloading" } & DownloadingFacts)

interface SeedingFacts {
  readonly connectedPeers: number
  /** Of this document; `uploads` of the whole client. */
  readonly movingBytesPerSecond: number
  readonly uploads: LimitedRate
  readonly tracker: TrackerSnapshot
}

export interface DownloadingFacts {
  readonly missingCount: number
  /** Those of them that may be on disk, and are being hashed. */
  readonly doubtfulCount: number
  /** The lowest missing part, 0-based. */
  readonly firstMissing: number
  /** Of this document; `downloads` of the whole client. */
  readonly movingBytesPerSecond: number
  readonly downloads: LimitedRate
  readonly connectedPeers: number
  readonly knownPeers: number
  readonly bannedPeers: number
  /** Any of them, to be named. */
  readonly banned: NamedPeer | undefined
  /** Of the known peers that are not connected, banned or being dialled, the one with the most informative reason. */
  readonly away: NamedPeer | undefined
  /** The commonest reason of the others, and of how many. */
  readonly awayOthers: { readonly count: number; readonly why: PeerReason } | undefined
  /** Bytes have come, and wait for the download limit. */
  readonly heldByLimit: boolean
  /** Where peers have what we miss and none of them is a valid source: one of them, to be named. */
  readonly barred: NamedPeer | undefined
  /** Connected peers that have something we miss and may give it, and those of them that serve us. */
  readonly usefulPeers: number
  readonly servingPeers: number
  readonly dialing: number
  /** When the last connected peer with every part left; undefined: none did. */
  readonly seederLeftAtMs: number | undefined
  readonly tracker: TrackerSnapshot
  /** Where there is no tracker. */
  readonly meeting?: MeetingFacts
}

/** A rate that may have a limit, bytes per second. */
export interface LimitedRate {
  readonly bytesPerSecond: number
  readonly limitBytesPerSecond: number | undefined
}

/** Why a document does not move, or not faster; undefined while it moves unhindered or nothing is wanted. */
export function whyOf(facts: DocumentFacts): WhyFacts | undefined {
  switch (facts.type) {
    case "checking":
      return undefined
    case "moving":
      return { code: "moving_files", doneFiles: facts.doneFiles, totalFiles: facts.totalFiles }
    case "paused":
      return { code: "paused", missingParts: facts.missingCount, partCount: facts.partCount }
    case "failed":
      return { code: "failed", error: facts.error, goesOn: facts.goesOn }
    case "seeding":
      return whySeeding(facts)
    case "downloading":
      return whyDownloading(facts)
  }
}

function whySeeding({ connectedPeers, movingBytesPerSecond, uploads, tracker }: SeedingFacts): WhyFacts | undefined {
  if (movingBytesPerSecond > 0) return heldBack("upload", uploads)
  const isLost = tracker.state === "away" || tracker.state === "refusing"
  return connectedPeers === 0 && isLost ? { code: "not_findable", tracker } : undefined
}

function whyDownloading(facts: DownloadingFacts): WhyFacts | undefined {
  const { usefulPeers, servingPeers, downloads } = facts
  if (facts.movingBytesPerSecond > 0) return heldBack("download", downloads)
  if (facts.doubtfulCount > 0) return { code: "checking_parts", parts: facts.doubtfulCount }
  if (facts.heldByLimit) return heldByLimit("download", downloads)
  if (servingPeers > 0) return { code: "waiting_for_bytes", peers: servingPeers }
  if (usefulPeers > 0) return { code: "waiting_for_turn", peers: usefulPeers }
  return whyNoSource(facts)
}

/** No connected peer gives anything that is missing. */
function whyNoSource(facts: DownloadingFacts): WhyFacts {
  const { connectedPeers, knownPeers, bannedPeers, banned, away, barred, dialing, tracker, meeting } = facts
  const { seederLeftAtMs } = facts
  const nowhere = { missingParts: facts.missingCount, firstMissing: facts.firstMissing, tracker }
  if (barred !== undefined) return { code: "no_valid_source", ...nowhere, source: barred }
  if (connectedPeers > 0) return { code: "no_peer_has", ...nowhere, connectedPeers, banned, seederLeftAtMs }
  if (dialing > 0) return { code: "connecting", peers: dialing, tracker }
  if (banned !== undefined && bannedPeers === knownPeers) return { code: "no_valid_source", ...nowhere, source: banned }
  if (away === undefined) return { code: "no_peer_known", tracker, ...(meeting && { meeting }) }
  const reachable = knownPeers - bannedPeers
  const others = facts.awayOthers
  return { code: "no_peer_connected", knownPeers: reachable, peer: away, others, seederLeftAtMs, tracker }
}

/** A rate this near to its limit is held back by it. Our choice: the rate is a mean over some seconds. */
const NEAR_LIMIT = 0.85

function heldBack(direction: HeldByLimit["direction"], rate: LimitedRate): HeldByLimit | undefined {
  return isNearLimit(rate) ? heldByLimit(direction, rate) : undefined
}

export function isNearLimit({ bytesPerSecond, limitBytesPerSecond: limit }: LimitedRate): boolean {
  return limit !== undefined && bytesPerSecond >= NEAR_LIMIT * limit
}

function heldByLimit(direction: HeldByLimit["direction"], { limitBytesPerSecond }: LimitedRate): HeldByLimit {
  return { code: "held_by_limit", direction, limitBytesPerSecond }
}
