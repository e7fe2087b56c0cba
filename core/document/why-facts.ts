import type { TrackerSnapshot } from "../api/snapshot.js"
import { isComplete, type KnownPeer, type SwarmPeer, type SwarmState, whyNoSource } from "../swarm/index.js"
import type { Lengths } from "../torrent/lengths.js"
import type { Document } from "./document.js"
import type { PausedPhase } from "./document-phase.js"
import type { DownloadingFacts, FarPeer, LimitedRate, WhyFacts } from "./why.js"

/** What a document's sentence depends on outside of it. Rates are those of the whole client, whose limits they share. */
export interface Surroundings {
  readonly tracker: TrackerSnapshot
  readonly downloads: LimitedRate
  readonly uploads: LimitedRate
  readonly nowMs: number
}

/** Gathers from a document what `whySentence` needs to know. */
export function whyFactsOf(document: Document, around: Surroundings): WhyFacts {
  const { phase, lengths } = document
  switch (phase.type) {
    case "failed":
      return { type: "failed", code: phase.error.code, message: phase.error.message, goesOn: phase.goesOn }
    case "paused":
      return { type: "paused", missingCount: missingWhenPaused(phase, lengths), partCount: lengths.partCount }
    case "running":
      return runningFacts(phase.runner.state, phase.runner.isHeldByLimit, around)
    case "checking":
    case "closed":
      return { type: "checking" }
  }
}

function missingWhenPaused({ haveCount, counted }: PausedPhase, { partCount }: Lengths): number | undefined {
  return counted ? partCount - haveCount : undefined
}

function runningFacts(
  state: SwarmState,
  heldByLimit: boolean,
  { tracker, downloads, uploads, nowMs }: Surroundings,
): WhyFacts {
  if (!isComplete(state))
    return { type: "downloading", ...downloadingFacts(state), heldByLimit, downloads, tracker, nowMs }
  const movingBytesPerSecond = state.up.bytesPerSecond
  return { type: "seeding", connectedPeers: state.peers.size, movingBytesPerSecond, uploads, tracker }
}

/** What the swarm itself knows about its download. */
export function downloadingFacts(
  state: SwarmState,
): Omit<DownloadingFacts, "downloads" | "heldByLimit" | "tracker" | "nowMs"> {
  const having = [...state.peers.values()].filter((peer) => peer.wanted > 0)
  const useful = having.filter((peer) => peer.peerChoking || whyNoSource(state, peer) === undefined)
  const known = [...state.book.all()].filter((peer) => peer.state !== "self")
  const banned = known.filter((peer) => peer.state === "banned")
  return {
    missingCount: state.have.partCount - state.have.count - state.forgone.size,
    doubtfulCount: state.doubtful.size,
    firstMissing: firstMissing(state),
    movingBytesPerSecond: state.down.bytesPerSecond,
    connectedPeers: state.peers.size,
    knownPeers: known.length,
    bannedPeers: banned.length,
    banned: farPeer(banned[0]),
    ...awayOf(known.filter((peer) => peer.state === "idle")),
    barred: useful.length === 0 ? barredPeer(state, having[0]) : undefined,
    usefulPeers: useful.length,
    servingPeers: useful.filter((peer) => !peer.peerChoking).length,
    dialing: state.book.dialing,
  }
}

const BARRED_WORDS = { refuses: "refuses it", bad_parts: "sent wrong bytes for it" } as const

function barredPeer(state: SwarmState, peer: SwarmPeer | undefined): FarPeer | undefined {
  const why = peer && whyNoSource(state, peer)
  return why && { address: peer.address, why: BARRED_WORDS[why] }
}

/** What a user can do something about comes before what only says that nobody is there, and that before what passes by itself. */
const TELLING: Readonly<Record<string, number>> = {
  wrong_key: 3,
  hung_up: 3,
  not_bittorrent: 3,
  wrong_info_hash: 3,
  no_resources: 3,
  unreachable: 2,
  timed_out: 2,
  refused: 2,
}

/** Among idle peers the one whose reason tells most, of these the latest, and the commonest reason of the others. */
export function awayOf(idle: readonly KnownPeer[]): Pick<DownloadingFacts, "away" | "awayOthers"> {
  const telling = ({ code, vouched }: KnownPeer) => (TELLING[code] ?? (code === "" ? 0 : 1)) + (vouched ? 0.5 : 0)
  const [away, ...others] = idle.toSorted((a, b) => telling(b) - telling(a) || b.changedAtMs - a.changedAtMs)
  const counts = new Map<string, number>()
  for (const { why } of others) counts.set(why, (counts.get(why) ?? 0) + 1)
  const commonest = [...counts].reduce<readonly [string, number] | undefined>(
    (best, each) => (best === undefined || each[1] > best[1] ? each : best),
    undefined,
  )
  return { away: farPeer(away), awayOthers: commonest && { count: commonest[1], why: commonest[0] } }
}

function farPeer(peer: FarPeer | undefined): FarPeer | undefined {
  return peer && { address: peer.address, why: peer.why }
}

function firstMissing({ have, forgone }: SwarmState): number {
  let index = 0
  while (have.has(index) || forgone.has(index)) index++
  return index
}
