import type { Announcer } from "../announce/announcer.js"
import type { TrackerSnapshot } from "../api/tracker-snapshot.js"
import type { ErrorFacts, MeetingFacts, NamedPeer, PeerReason } from "../api/why.js"
import { displayMessage } from "../base/display.js"
import {
  failureCode,
  isComplete,
  isUncounted,
  type KnownPeer,
  type SwarmPeer,
  type SwarmState,
  whyNoSource,
} from "../swarm/index.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { Lengths } from "../torrent/lengths.js"
import type { Document } from "./document.js"
import type { PausedPhase, RunningPhase } from "./document-phase.js"
import type { DocumentFacts, DownloadingFacts, LimitedRate } from "./why.js"

/** Facts outside of the document that the reason depends on. Rates are those of the whole client, whose limits they share. */
export interface Surroundings {
  readonly tracker: TrackerSnapshot
  readonly downloads: LimitedRate
  readonly uploads: LimitedRate
}

/** Gathers from a document what `whyOf` needs to know. */
export function documentFactsOf(document: Document, around: Surroundings): DocumentFacts {
  const { phase, lengths, wanted, meetingFacts, moving } = document
  if (moving !== undefined && (phase.type === "running" || phase.type === "checking"))
    return { type: "moving", ...moving }
  switch (phase.type) {
    case "failed":
      return { type: "failed", error: shownError(phase.error), goesOn: phase.goesOn }
    case "paused":
      return {
        type: "paused",
        missingCount: missingWhenPaused(phase, lengths, wanted?.parts),
        partCount: wanted?.parts.count ?? lengths.partCount,
      }
    case "running":
      return runningFacts(phase, around, meetingFacts)
    case "checking":
    case "closed":
      return { type: "checking" }
  }
}

/** Where it is not known which parts are there, the number of missing wanted ones is not known either. */
function missingWhenPaused(
  { haveCount, have, counted }: PausedPhase,
  { partCount }: Lengths,
  wanted: Bitfield | undefined,
): number | undefined {
  if (!counted) return undefined
  if (wanted === undefined) return partCount - haveCount
  return have && wanted.count - wanted.overlap(have).count
}

function runningFacts(
  { runner, announcer }: RunningPhase,
  around: Surroundings,
  meeting: MeetingFacts | undefined,
): DocumentFacts {
  const { state, isHeldByLimit: heldByLimit } = runner
  const { downloads, uploads } = around
  const tracker = askedAgain(around.tracker, announcer)
  if (!isComplete(state)) {
    const facts = { ...downloadingFacts(state), heldByLimit, downloads, tracker }
    return { type: "downloading", ...facts, ...(meeting && { meeting }) }
  }
  const movingBytesPerSecond = state.up.bytesPerSecond
  return { type: "seeding", connectedPeers: state.peers.size, movingBytesPerSecond, uploads, tracker }
}

/** A tracker that several documents share is asked for each of them at a separate time. */
function askedAgain(tracker: TrackerSnapshot, { nextAtMs }: Announcer): TrackerSnapshot {
  const { problem } = tracker
  if (problem === undefined || nextAtMs === undefined) return tracker
  return { ...tracker, problem: { ...problem, retryAtMs: nextAtMs } }
}

/** The swarm's facts about its download. */
export function downloadingFacts(
  state: SwarmState,
): Omit<DownloadingFacts, "downloads" | "heldByLimit" | "tracker" | "meeting"> {
  const having = [...state.peers.values()].filter((peer) => peer.interest.wanted > 0)
  const useful = having.filter((peer) => peer.allows.isChoking || whyNoSource(state, peer) === undefined)
  const known = [...state.book.all()].filter((peer) => !isUncounted(peer))
  const banned = known.filter((peer) => peer.state === "banned")
  return {
    missingCount: state.have.partCount - state.have.count - state.forgone.size,
    doubtfulCount: state.doubtful.size,
    firstMissing: firstMissing(state),
    movingBytesPerSecond: state.down.bytesPerSecond,
    connectedPeers: state.peers.size,
    knownPeers: known.length,
    bannedPeers: banned.length,
    banned: namedPeer(banned[0]),
    ...awayOf(known.filter((peer) => peer.state === "idle")),
    barred: useful.length === 0 ? barredPeer(state, having[0]) : undefined,
    usefulPeers: useful.length,
    servingPeers: useful.filter((peer) => !peer.allows.isChoking).length,
    dialing: state.book.dialing,
    seederLeftAtMs: state.seederLeftAtMs,
  }
}

function barredPeer(state: SwarmState, peer: SwarmPeer | undefined): NamedPeer | undefined {
  const code = peer && whyNoSource(state, peer)
  return code && { address: peer.contact.address, why: { code } }
}

/** Order of reasons: those that the user can act on, then absent peers, then temporary ones. */
const PRIORITY: Readonly<Record<string, number>> = {
  wrong_key: 3,
  hung_up: 3,
  not_bittorrent: 3,
  wrong_info_hash: 3,
  no_resources: 3,
  unreachable: 2,
  timed_out: 2,
  refused: 2,
}

/** Among idle peers the one with the most informative reason, the latest of equals, and the commonest reason of the others. */
export function awayOf(idle: readonly KnownPeer[]): Pick<DownloadingFacts, "away" | "awayOthers"> {
  const priority = (peer: KnownPeer) => priorityOf(failureCode(peer)) + (peer.vouched ? 0.5 : 0)
  const [away, ...others] = idle.toSorted((a, b) => priority(b) - priority(a) || b.changedAtMs - a.changedAtMs)
  return { away: namedPeer(away), awayOthers: commonestOf(others.flatMap(({ why }) => why ?? [])) }
}

function priorityOf(code: string | undefined): number {
  return code === undefined ? 0 : (PRIORITY[code] ?? 1)
}

/** Reasons that read the same count as one. */
function commonestOf(reasons: readonly PeerReason[]): DownloadingFacts["awayOthers"] {
  const counts = new Map<string, { count: number; readonly why: PeerReason }>()
  for (const why of reasons) {
    const key = why.code === "failed" ? why.error.message : why.code
    const counted = counts.get(key)
    if (counted === undefined) counts.set(key, { count: 1, why })
    else counted.count++
  }
  const [commonest] = [...counts.values()].sort((a, b) => b.count - a.count)
  return commonest && { count: commonest.count, why: shownReason(commonest.why) }
}

function namedPeer(peer: KnownPeer | undefined): NamedPeer | undefined {
  return peer?.why && { address: peer.address, why: shownReason(peer.why) }
}

/** Removes control characters from the message, which may quote a system or a library. */
export function shownReason(why: PeerReason): PeerReason {
  return why.code === "failed" ? { code: why.code, error: shownError(why.error) } : why
}

export function shownError({ code, message }: ErrorFacts): ErrorFacts {
  return { code, message: displayMessage(message) }
}

function firstMissing({ have, forgone }: SwarmState): number {
  let index = 0
  while (have.has(index) || forgone.has(index)) index++
  return index
}
