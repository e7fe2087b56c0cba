import type { SwarmState } from "../swarm/index.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { Lengths } from "../torrent/lengths.js"
import type { Document } from "./document.js"
import type { PausedPhase } from "./document-phase.js"
import type { TrackerSnapshot } from "./snapshot.js"
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
      return { type: "failed", code: phase.error.code, message: phase.error.message }
    case "paused":
      return { type: "paused", missingCount: missingWhenPaused(phase, lengths), partCount: lengths.partCount }
    case "running":
      return runningFacts(phase.runner.state, around)
    case "checking":
    case "closed":
      return { type: "checking" }
  }
}

function missingWhenPaused({ haveCount, counted }: PausedPhase, { partCount }: Lengths): number | undefined {
  return counted ? partCount - haveCount : undefined
}

function runningFacts(state: SwarmState, { tracker, downloads, uploads, nowMs }: Surroundings): WhyFacts {
  if (!state.have.isFull) return { type: "downloading", ...downloadingFacts(state), downloads, tracker, nowMs }
  const movingBytesPerSecond = state.up.bytesPerSecond
  return { type: "seeding", connectedPeers: state.peers.size, movingBytesPerSecond, uploads, tracker }
}

function downloadingFacts(state: SwarmState): Omit<DownloadingFacts, "downloads" | "tracker" | "nowMs"> {
  const useful = [...state.peers.values()].filter((peer) => peer.wanted > 0)
  const known = [...state.book.all()].filter((peer) => peer.state !== "self")
  const banned = known.filter((peer) => peer.state === "banned")
  return {
    missingCount: state.have.partCount - state.have.count,
    doubtfulCount: state.doubtful.size,
    firstMissing: firstMissing(state.have),
    movingBytesPerSecond: state.down.bytesPerSecond,
    connectedPeers: state.peers.size,
    knownPeers: known.length,
    bannedPeers: banned.length,
    banned: farPeer(banned[0]),
    away: farPeer(known.find((peer) => peer.state === "idle")),
    usefulPeers: useful.length,
    servingPeers: useful.filter((peer) => !peer.peerChoking).length,
    dialing: state.book.dialing,
  }
}

function farPeer(peer: FarPeer | undefined): FarPeer | undefined {
  return peer && { address: peer.address, why: peer.why }
}

function firstMissing(have: Bitfield): number {
  let index = 0
  while (have.has(index)) index++
  return index
}
