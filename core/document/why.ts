import type { TrackerSnapshot } from "../api/snapshot.js"
import { formatRate } from "../base/format-bytes.js"

/** What the sentence is made from: how the document stands, and all that matters for it there. */
export type WhyFacts =
  | { readonly type: "checking" }
  /** `missingCount` is unknown when it was paused before all that may be on disk was looked at. */
  | { readonly type: "paused"; readonly missingCount: number | undefined; readonly partCount: number }
  /** `goesOn`: it is tried again, or looked for, without a command. */
  | { readonly type: "failed"; readonly code: string; readonly message: string; readonly goesOn: boolean }
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
  readonly banned: FarPeer | undefined
  /** Of the known ones that are neither connected nor banned nor being dialled the one whose reason tells most, to be named. */
  readonly away: FarPeer | undefined
  /** The commonest reason of the others, and of how many. */
  readonly awayOthers: { readonly count: number; readonly why: string } | undefined
  /** Bytes have come, and wait for the download limit. */
  readonly heldByLimit: boolean
  /** Where peers have what we miss and none of them is a valid source: one of them, to be named. */
  readonly barred: FarPeer | undefined
  /** Connected peers that have something we miss and may give it, and those of them that serve us. */
  readonly usefulPeers: number
  readonly servingPeers: number
  readonly dialing: number
  readonly tracker: TrackerSnapshot
  readonly nowMs: number
}

/** A rate that may have a limit, bytes per second. */
export interface LimitedRate {
  readonly bytesPerSecond: number
  readonly limitBytesPerSecond: number | undefined
}

/** A known peer we have no connection to. `why` is a clause to put after the address: "refused the connection". */
export interface FarPeer {
  readonly address: string
  readonly why: string
}

/**
 * Why a document does not move, or not faster, as one plain sentence; empty while it moves unhindered or nothing is
 * wanted. It stays the same while nothing changes, but for the tracker's answer growing old in coarse steps.
 */
export function whySentence(facts: WhyFacts): string {
  switch (facts.type) {
    case "checking":
      return ""
    case "paused":
      return whyPaused(facts.missingCount, facts.partCount)
    case "failed":
      return whyFailed(facts)
    case "seeding":
      return whySeeding(facts)
    case "downloading":
      return whyDownloading(facts)
  }
}

function whyPaused(missingCount: number | undefined, partCount: number): string {
  if (missingCount === undefined) return 'paused before all of it was checked; "resume" goes on'
  if (missingCount === 0) return 'paused, nobody is served; "resume" goes on'
  return `paused with ${missingCount} of ${partCount} parts missing; "resume" goes on`
}

const OTHER_PATH = '"download" its torrent file to another path'

/** What ends the failure of a document that is tried again, or looked for, without a command; by the error's code. */
const PASSES: Readonly<Record<string, string>> = {
  disk_full: "goes on by itself when there is room",
  too_many_files: "goes on by itself when some are free",
  hasher_ended: "goes on by itself with another one",
  no_such_file:
    'goes on by itself when the same file is back ("resume" for a copy of it), or "download" its torrent file again',
  file_changed: `goes on by itself when the same file is back ("recheck" for a copy of it), or ${OTHER_PATH}`,
}

const PASSES_ELSE = 'goes on by itself when the file is back as it was; "resume" tries again'

/** What a user can do about a failure that stays. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  not_writable: '"resume" when it can be written',
  not_readable: '"resume" when it can be read',
  file_changed: `"recheck" when the right bytes are back, or ${OTHER_PATH}`,
  file_replaced: `"recheck" when the right bytes are back, or ${OTHER_PATH}`,
  no_such_file: '"resume" when it is back, or "download" its torrent file again',
  no_such_folder: '"resume" when it is there',
  file_gone: '"resume" when it is back',
  is_folder: '"resume" when it is moved away',
  target_exists: '"resume" when it is moved away',
  not_a_file: '"resume" when it is moved away',
}

const WAY_OUT_ELSE = '"resume" tries again'

function whyFailed({ code, message, goesOn }: Extract<WhyFacts, { readonly type: "failed" }>): string {
  const wayOut = goesOn ? (PASSES[code] ?? PASSES_ELSE) : (WAYS_OUT[code] ?? WAY_OUT_ELSE)
  return `${message}; ${wayOut}`
}

function whySeeding({ connectedPeers, movingBytesPerSecond, uploads, tracker }: SeedingFacts): string {
  if (movingBytesPerSecond > 0) return heldBack("upload", uploads)
  const isLost = tracker.state === "away" || tracker.state === "refusing"
  return connectedPeers === 0 && isLost ? `new peers can't find it: ${problemOf(tracker)}` : ""
}

function whyDownloading(facts: DownloadingFacts): string {
  const { usefulPeers, servingPeers, connectedPeers, knownPeers, bannedPeers, dialing } = facts
  if (facts.movingBytesPerSecond > 0) return heldBack("download", facts.downloads)
  if (facts.doubtfulCount > 0) return `checking ${count(facts.doubtfulCount, "part")} that may be on disk`
  if (facts.heldByLimit) return limitWords("download", facts.downloads.limitBytesPerSecond)
  if (usefulPeers > 0 && servingPeers > 0) return "asked for parts, waiting for the first bytes"
  if (usefulPeers > 0)
    return `${count(usefulPeers, "peer")} with what we miss, all busy with others: waiting for a turn`
  const parts = facts.missingCount === 1 ? `part ${facts.firstMissing}` : `any of ${facts.missingCount} missing parts`
  const tracker = trackerWords(facts)
  if (facts.barred !== undefined)
    return `no valid source for ${parts}: ${facts.barred.address} ${facts.barred.why}; ${tracker}`
  if (connectedPeers > 0) {
    const dropped = facts.banned === undefined ? "" : `; ${facts.banned.address} ${facts.banned.why}`
    return `no peer has ${parts}; ${count(connectedPeers, "peer")} connected${dropped}; ${tracker}`
  }
  if (dialing > 0) return `connecting to ${count(dialing, "peer")}; ${tracker}`
  if (facts.banned !== undefined && bannedPeers === knownPeers)
    return `no valid source for ${parts}: ${facts.banned.address} ${facts.banned.why}; ${tracker}`
  if (facts.away !== undefined)
    return `${awayWords(facts.away, facts.awayOthers, knownPeers - bannedPeers)}; ${tracker}`
  return `no peer is known yet; ${tracker}`
}

/** A rate this near to its limit is held back by it. Our choice: the rate is a mean over some seconds. */
const NEAR_LIMIT = 0.85

function heldBack(
  direction: "download" | "upload",
  { bytesPerSecond, limitBytesPerSecond: limit }: LimitedRate,
): string {
  if (limit === undefined || bytesPerSecond < NEAR_LIMIT * limit) return ""
  return limitWords(direction, limit)
}

function limitWords(direction: "download" | "upload", limit: number | undefined): string {
  return `held back by the ${direction} limit${limit === undefined ? "" : ` of ${formatRate(limit)}`}`
}

function awayWords({ address, why }: FarPeer, others: DownloadingFacts["awayOthers"], many: number): string {
  if (many === 1) return `the only known peer, ${address}: ${why}`
  const rest = others === undefined ? "" : `; ${count(others.count, "other")}: ${others.why}`
  return `none of ${many} known peers is connected (${address}: ${why}${rest})`
}

function trackerWords({ tracker, nowMs }: DownloadingFacts): string {
  if (tracker.state === "unasked") return "the tracker has not answered yet"
  if (tracker.state === "answering") return `tracker answered ${agoWords(nowMs - (tracker.answeredAtMs ?? nowMs))}`
  return problemOf(tracker)
}

/** In coarse steps: a screen on which nothing happens must not change every second. */
function agoWords(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1_000)
  if (seconds < 10) return "just now"
  if (seconds < 60) return `${seconds - (seconds % 10)} s ago`
  return `${Math.floor(seconds / 60)} min ago`
}

function problemOf(tracker: TrackerSnapshot): string {
  return tracker.problem === "" ? "the tracker does not answer" : tracker.problem
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`
}
