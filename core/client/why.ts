import type { TrackerSnapshot } from "./snapshot.js"

/** The facts of a document that fetches, from which the sentence is made. */
export interface StandingFacts {
  readonly missingCount: number
  /** The lowest missing part, 0-based. */
  readonly firstMissing: number
  readonly movingBytesPerSecond: number
  readonly connectedPeers: number
  readonly knownPeers: number
  readonly bannedPeers: number
  /** Connected peers that have something we miss, and those of them that serve us. */
  readonly usefulPeers: number
  readonly servingPeers: number
  readonly dialing: number
  readonly tracker: TrackerSnapshot
  readonly nowMs: number
}

/** Why a document that wants parts does not move, as one plain sentence; empty while it moves. */
export function whyStanding(facts: StandingFacts): string {
  if (facts.movingBytesPerSecond > 0) return ""
  if (facts.usefulPeers > 0 && facts.servingPeers > 0) return "asked for parts, waiting for the first bytes"
  if (facts.usefulPeers > 0)
    return `${count(facts.usefulPeers, "peer")} with what we miss, all busy with others: waiting for a turn`
  const parts = facts.missingCount === 1 ? `part ${facts.firstMissing}` : `${facts.missingCount} missing parts`
  if (facts.connectedPeers > 0)
    return `no peer has ${parts}; ${count(facts.connectedPeers, "peer")} connected; ${trackerWords(facts)}`
  if (facts.dialing > 0) return `connecting to ${count(facts.dialing, "peer")}; ${trackerWords(facts)}`
  if (facts.knownPeers > 0 && facts.bannedPeers === facts.knownPeers)
    return `no valid source for ${parts}: every known peer sent bytes that failed their check`
  if (facts.knownPeers > 0) return `${count(facts.knownPeers, "known peer")} can't be reached; ${trackerWords(facts)}`
  return `no peer is known yet; ${trackerWords(facts)}`
}

function trackerWords({ tracker, nowMs }: StandingFacts): string {
  if (tracker.state === "unasked") return "the tracker has not answered yet"
  if (tracker.state === "answering") {
    const seconds = Math.max(0, Math.round((nowMs - (tracker.answeredAtMs ?? nowMs)) / 1_000))
    return `tracker answered ${seconds} s ago`
  }
  return tracker.problem === "" ? "the tracker does not answer" : tracker.problem
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? "" : "s"}`
}
