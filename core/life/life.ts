import type { P2pError } from "../base/errors.js"
import type { Bitfield } from "../torrent/bitfield.js"

/** The known parts of a document that is not open. */
export interface KnownParts {
  readonly count: number
  /** Which parts; unknown when the document was not opened in this run. */
  readonly bits: Bitfield | undefined
  /** False when some data on disk was not checked: then `count` is the number found so far. */
  readonly counted: boolean
}

export const NO_PARTS: KnownParts = { count: 0, bits: undefined, counted: false }

/** The end of a download has two steps: the file gets its own name, then the name is synced to disk. */
export type Ending = "none" | "naming" | "syncing"

export interface FailedPlace {
  readonly at: "failed"
  readonly error: P2pError
  readonly parts: KnownParts
  /** Milliseconds until the next attempt, or the next look at the file; undefined where only a command helps. */
  readonly waitMs: number | undefined
  /** A look at the file is under way. */
  readonly isLooking: boolean
}

/** Where a document stands. It is in exactly one of these. */
export type Place =
  /** Not opened in this run. */
  | { readonly at: "new" }
  /** Nothing is transferred, and nothing is open. */
  | { readonly at: "rest"; readonly parts: KnownParts }
  /** The bytes on disk are being read. `check`: all of them are hashed, whatever is recorded. `before`: the failure that this attempt may end. */
  | {
      readonly at: "opening"
      readonly check: boolean
      readonly isGivenUp: boolean
      readonly isMending: boolean
      readonly before: FailedPlace | undefined
    }
  /** A damaged file that this client downloaded becomes an unfinished download again. */
  | { readonly at: "mending" }
  /** In the swarm. `failure`: of the store; the swarm is left for it. */
  | { readonly at: "running"; readonly ending: Ending; readonly failure: P2pError | undefined }
  /** The swarm and the store are being closed. */
  | { readonly at: "leaving"; readonly isDiscarding: boolean; readonly failure: P2pError | undefined }
  /** The bytes of an unfinished download are being deleted. */
  | { readonly at: "discarding" }
  | FailedPlace
  /** Final: no event changes it. */
  | { readonly at: "closed" }

/** A command that waits, under a number that its caller chose, and the state that ends the wait. */
export interface Waiter {
  readonly id: number
  readonly until: "running" | "selected" | "checked" | "paused" | "closed" | "still"
}

/** One document's life: the state that the user wants, the current place, and the waiting commands. */
export interface Life {
  readonly wish: "run" | "pause" | "gone"
  /** All that is on disk is to be hashed. */
  readonly recheck: boolean
  /** Other files are wanted than those that the data on disk was opened for. */
  readonly reselect: boolean
  /** The store is changing to another selection, or it is asked whether the disk has room for what finished files would lack. */
  readonly isSelecting: boolean
  /** With "gone": the bytes of an unfinished download go too. */
  readonly discard: boolean
  /** "download" until the file has its own name. */
  readonly mode: "download" | "seed"
  readonly place: Place
  readonly waiters: readonly Waiter[]
  /** What became of the unfinished bytes that were to be discarded. */
  readonly discarded: "none" | "deleted" | P2pError
}

/** A life that begins where the last run ended. */
export function beginLife(mode: Life["mode"], place: Place): Life {
  const wish = place.at === "rest" ? "pause" : "run"
  return {
    wish,
    recheck: false,
    reselect: false,
    isSelecting: false,
    discard: false,
    mode,
    place,
    waiters: [],
    discarded: "none",
  }
}

/** Commands, each with the number of the caller that waits, and what became of effects. */
export type LifeEvent =
  | { readonly type: "start" | "resume" | "pause" | "recheck" | "select"; readonly waiter: number }
  | { readonly type: "close"; readonly waiter: number; readonly discard: boolean }
  /** Waits until nothing is under way. */
  | { readonly type: "waitStill"; readonly waiter: number }
  | { readonly type: "opened"; readonly isFull: boolean }
  /**
   * `parts`: what was found. `isMendable`: a damaged file that this client downloaded. `isKnown`: it is remembered how the file was when it
   * was verified.
   */
  | {
      readonly type: "openFailed"
      readonly error: P2pError
      readonly parts: KnownParts
      readonly isMendable: boolean
      readonly isKnown: boolean
    }
  | { readonly type: "openGivenUp"; readonly parts: KnownParts }
  | { readonly type: "mended" }
  | { readonly type: "mendFailed"; readonly error: P2pError }
  /** Every wanted part is in the store. */
  | { readonly type: "full" }
  /** The store has the new selection, and `full` follows where it has all of it; or there is room for what finished files lack. */
  | { readonly type: "selected" }
  /** The store has kept the selection that it had: nothing was changed. `full` follows as after `selected`. */
  | { readonly type: "selectRefused"; readonly error: P2pError }
  | { readonly type: "named" }
  | { readonly type: "durable" }
  | { readonly type: "nameFailed" | "storeFailed"; readonly error: P2pError }
  /** `failure`: of the last checkpoint, or of the deletion. Everything is closed nevertheless. */
  | { readonly type: "left"; readonly parts: KnownParts; readonly failure: P2pError | undefined }
  /** `any`: there were bytes to delete. */
  | { readonly type: "discarded"; readonly any: boolean }
  | { readonly type: "discardFailed"; readonly error: P2pError }
  | { readonly type: "woke" }
  | { readonly type: "looked"; readonly isBack: boolean }

/** How a command ends. */
export type Outcome =
  | { readonly type: "done"; readonly discarded: boolean }
  | { readonly type: "failed"; readonly error: P2pError }
  | { readonly type: "interrupted"; readonly by: "pause" | "close" }
  /** It came after `close`. */
  | { readonly type: "refused" }

/** Effects to carry out. Each of the first group ends with one event of its own. */
export type LifeEffect =
  /** Ends with opened, openFailed or, after `giveUpOpening`, openGivenUp. */
  | { readonly type: "open"; readonly check: boolean }
  /** Ends with mended or mendFailed. */
  | { readonly type: "mend" }
  /** Ends with named and durable, or nameFailed. */
  | { readonly type: "name" }
  /** Closes the store that was opened, and the swarm if there is one. Ends with left. */
  | { readonly type: "leave"; readonly discard: boolean }
  /** Ends with discarded or discardFailed. */
  | { readonly type: "discard" }
  /** Ends with selected, selectRefused or storeFailed, unless the swarm is left meanwhile. */
  | { readonly type: "select" }
  /** Ends with woke, unless `sleepOn` comes first. */
  | { readonly type: "wakeAfter"; readonly waitMs: number }
  /** Ends with looked. */
  | { readonly type: "look" }
  | { readonly type: "giveUpOpening" | "join" | "sleepOn" | "rememberFetched" }
  | { readonly type: "remember"; readonly paused?: boolean; readonly recheck?: boolean; readonly download?: boolean }
  | { readonly type: "tell"; readonly what: "paused" | "mending" | "named" }
  /** "failed": the document stops because of it. "closingFailed": it continues in the state that the user wants. */
  | { readonly type: "tell"; readonly what: "failed" | "closingFailed"; readonly error: P2pError }
  /** For the callers that wait for the end of the download. */
  | { readonly type: "endDownload"; readonly as: "named" | "durable" | "interrupted" | P2pError }
  | { readonly type: "settle"; readonly waiter: number; readonly outcome: Outcome }
