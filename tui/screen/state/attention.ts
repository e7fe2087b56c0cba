import type { DocumentSnapshot } from "../../../core/index.js"
import type { RateHistories } from "./rate-history.js"

/** What a document or a job is at, as the list is grouped and filtered by it. In the order in which it asks for attention. */
export const STANDINGS = ["failed", "waiting", "downloading", "hashing", "active", "seeding", "paused"] as const
export type Standing = (typeof STANDINGS)[number]

/** A document that moved in this many seconds counts as moving: lines of the list must not jump with every pause of a peer. */
const RECENT_SAMPLES = 15

/** Does it want to download, and stand still with a reason? */
export function isWaiting({ state, why, downBytesPerSecond }: DocumentSnapshot): boolean {
  return state === "downloading" && why !== undefined && downBytesPerSecond === 0
}

/** Does it move anything that leaving would stop? */
export function isMoving(document: DocumentSnapshot): boolean {
  return document.state === "downloading" || document.state === "checking" || document.upBytesPerSecond > 0
}

export function standingOf(document: DocumentSnapshot, histories: RateHistories): Standing {
  const history = histories.byDocument.get(document.id)
  const hasMoved = (samples: readonly number[] = []): boolean => samples.slice(-RECENT_SAMPLES).some((rate) => rate > 0)
  switch (document.state) {
    case "failed":
    case "paused":
      return document.state
    case "checking":
      return "hashing"
    case "downloading":
      return isWaiting(document) && !hasMoved(history?.down) ? "waiting" : "downloading"
    case "seeding":
      return document.upBytesPerSecond > 0 || hasMoved(history?.up) ? "active" : "seeding"
    default:
      return document.state satisfies never
  }
}

/** The place of its group in the list: what only seeds and what is paused stand together, by name. */
export function groupOf(standing: Standing): number {
  return Math.min(STANDINGS.indexOf(standing), STANDINGS.indexOf("seeding"))
}
