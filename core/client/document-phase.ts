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

/** Where a document stands. It is in exactly one of these. */
export type Phase =
  | CheckingPhase
  | {
      readonly type: "running"
      readonly store: DocumentStore
      readonly runner: SwarmRunner
      readonly announcer: Announcer
    }
  /** `have` is unknown when it was paused before it was ever opened. */
  | { readonly type: "paused"; readonly haveCount: number; readonly have: Bitfield | undefined }
  | { readonly type: "failed"; readonly error: P2pError; readonly haveCount: number }
  | { readonly type: "closed" }

export function beginsToCheck(nowMs: number): CheckingPhase {
  return { type: "checking", checkedCount: 0, goodCount: 0, rate: new RateMeter(nowMs) }
}

const PASSING_CODES: ReadonlySet<string> = new Set(["disk_full", "too_many_files"])

/** A full disk may get room again, a descriptor may be freed: what failed so is tried again without being asked. */
export function passesByItself(error: P2pError): boolean {
  return PASSING_CODES.has(error.code)
}
