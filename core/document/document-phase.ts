import type { Announcer } from "../announce/announcer.js"
import type { P2pError } from "../base/errors.js"
import { type KnownParts, NO_PARTS, type Place } from "../life/life.js"
import type { DocumentStore } from "../store/document-store.js"
import { RateMeter } from "../swarm/index.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { SwarmRunner } from "../transfer/swarm-runner.js"

/** The data on disk is being hashed. */
export interface CheckingPhase {
  readonly type: "checking"
  readonly checkedCount: number
  readonly goodCount: number
  readonly rate: RateMeter
}

export interface RunningPhase {
  readonly type: "running"
  readonly store: DocumentStore
  readonly runner: SwarmRunner
  readonly announcer: Announcer
  /** Ends the search for peers without a tracker. */
  readonly leaveMeeting: () => void
}

/** Nothing is transferred, and nothing is open. */
export interface PausedPhase {
  readonly type: "paused"
  readonly haveCount: number
  /** Which parts; unknown when it was not opened in this run. */
  readonly have: Bitfield | undefined
  /** False when it was paused before all data on disk was checked: then `haveCount` is the number found so far. */
  readonly counted: boolean
}

export interface FailedPhase {
  readonly type: "failed"
  readonly error: P2pError
  readonly haveCount: number
  /** It is tried again, or looked for, without a command. */
  readonly goesOn: boolean
}

/** Where a document stands. It is in exactly one of these. */
export type Phase = CheckingPhase | RunningPhase | PausedPhase | FailedPhase | { readonly type: "closed" }

export function beginsToCheck(nowMs: number): CheckingPhase {
  return { type: "checking", checkedCount: 0, goodCount: 0, rate: new RateMeter(nowMs) }
}

/** Number of parts known to be on disk; during a check, those found good so far. */
export function haveCountOf(phase: Phase): number {
  if (phase.type === "running") return phase.runner.state.have.count
  if (phase.type === "checking") return phase.goodCount
  return phase.type === "closed" ? 0 : phase.haveCount
}

/** The phase that shows a place. `checking`: how far an opening is; `running`: the swarm, while there is one. */
export function phaseOf(place: Place, checking: CheckingPhase, running: RunningPhase | undefined): Phase {
  switch (place.at) {
    case "new":
    case "opening":
    case "mending":
      return checking
    case "running":
    case "leaving":
      return running ?? pausedWith(NO_PARTS)
    case "discarding":
      return pausedWith(NO_PARTS)
    case "rest":
      return pausedWith(place.parts)
    case "failed":
      return {
        ...{ type: "failed", error: place.error, haveCount: place.parts.count },
        goesOn: place.waitMs !== undefined,
      }
    case "closed":
      return { type: "closed" }
  }
}

function pausedWith({ count, bits, counted }: KnownParts): PausedPhase {
  return { type: "paused", haveCount: count, have: bits, counted }
}
