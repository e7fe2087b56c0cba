import type { P2pError } from "../errors.js"
import type { DocumentStore } from "../store/document-store.js"
import { RateMeter } from "../swarm/index.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { Announcer } from "./announcer.js"
import type { SwarmRunner } from "./swarm-runner.js"

/** What is on disk is being hashed before it is believed. */
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
}

/** Nothing is transferred, and nothing is open. */
export interface PausedPhase {
  readonly type: "paused"
  readonly haveCount: number
  /** Which parts; unknown when it was not opened in this run. */
  readonly have: Bitfield | undefined
  /** False when it was paused before all that may be on disk was looked at: then `haveCount` is what was found so far. */
  readonly counted: boolean
}

export interface FailedPhase {
  readonly type: "failed"
  readonly error: P2pError
  readonly haveCount: number
}

/** Where a document stands. It is in exactly one of these. */
export type Phase = CheckingPhase | RunningPhase | PausedPhase | FailedPhase | { readonly type: "closed" }

export function beginsToCheck(nowMs: number): CheckingPhase {
  return { type: "checking", checkedCount: 0, goodCount: 0, rate: new RateMeter(nowMs) }
}

/** Parts that are known to be there; while they are looked at, those found good so far. */
export function haveCountOf(phase: Phase): number {
  if (phase.type === "running") return phase.runner.state.have.count
  if (phase.type === "checking") return phase.goodCount
  return phase.type === "closed" ? 0 : phase.haveCount
}

/** Paused with these parts. */
export function pausedWith(have: Bitfield): PausedPhase {
  return { type: "paused", haveCount: have.count, have, counted: true }
}

/** What is known of the parts of a document that is paused in this phase. */
export function pausedAfter(phase: Phase): PausedPhase {
  switch (phase.type) {
    case "paused":
      return phase
    case "running":
      return pausedWith(phase.store.have)
    case "checking":
      return { type: "paused", haveCount: phase.goodCount, have: undefined, counted: false }
    case "failed":
      return { type: "paused", haveCount: phase.haveCount, have: undefined, counted: phase.haveCount > 0 }
    case "closed":
      return { type: "paused", haveCount: 0, have: undefined, counted: false }
  }
}

const PASSING_CODES: ReadonlySet<string> = new Set(["disk_full", "too_many_files", "hasher_ended"])

/** A full disk may get room again, a descriptor may be freed, a dead thread is replaced: what failed so is tried again without being asked. */
export function passesByItself(error: P2pError): boolean {
  return PASSING_CODES.has(error.code)
}

const LOST_CODES: ReadonlySet<string> = new Set(["no_such_file", "not_readable", "file_changed", "disk_failed"])

/** A disk that was taken away may come back with the file as it was. */
export function mayComeBack(error: P2pError): boolean {
  return LOST_CODES.has(error.code)
}
