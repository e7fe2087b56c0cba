import type { FailedPlace, LifeEvent, Place } from "./life.js"
import { NO_PARTS } from "./life.js"
import { isContentGone, passesByItself } from "./passing-errors.js"
import { RETRY_MS, type Turn } from "./turn.js"

/** The longest wait between two looks at a file that went away. Our choice. */
const MAX_LOOK_MS = 60_000

type PlaceAt<Name extends Place["at"]> = Extract<Place, { readonly at: Name }>

/** What became of an effect. One that does not fit the place is late, and changes nothing. */
export function takeOutcome(turn: Turn, event: Exclude<LifeEvent, { readonly waiter: number }>): void {
  const { place } = turn.life
  switch (place.at) {
    case "opening":
      return whileOpening(turn, place, event)
    case "mending":
      return whileMending(turn, event)
    case "running":
      return whileRunning(turn, place, event)
    case "leaving":
      return event.type === "left" ? hasLeft(turn, place, event) : undefined
    case "discarding":
      return whileDiscarding(turn, event)
    case "failed":
      return whileFailed(turn, place, event)
    case "new":
    case "rest":
    case "closed":
      return
  }
}

function whileMending(turn: Turn, event: LifeEvent): void {
  if (event.type === "mendFailed") return turn.failToOpen({ error: event.error, parts: NO_PARTS, isKnown: false })
  if (event.type !== "mended") return
  turn.set({ mode: "download" })
  turn.open({ check: true, isMending: true })
}

function whileDiscarding(turn: Turn, event: LifeEvent): void {
  if (event.type === "discarded") turn.set({ discarded: event.any ? "deleted" : "none", discard: false })
  else if (event.type === "discardFailed") turn.set({ discarded: event.error, discard: false })
  else return
  turn.end()
}

function whileOpening(turn: Turn, place: PlaceAt<"opening">, event: LifeEvent): void {
  switch (event.type) {
    case "opened":
      if (place.isGivenUp) return turn.leave(undefined)
      if (place.check) turn.checked()
      if (place.isMending) turn.do({ type: "tell", what: "mending" })
      return turn.life.wish === "run" ? turn.join(event.isFull) : turn.leave(undefined)
    case "openFailed":
      if (place.isGivenUp) return turn.rest(NO_PARTS)
      if (!place.check || !event.isMendable) return turn.failToOpen(event, place.before)
      return turn.enter({ at: "mending" }, { type: "tell", what: "failed", error: event.error }, { type: "mend" })
    case "openGivenUp":
      return turn.rest(event.parts)
  }
}

function whileRunning(turn: Turn, place: PlaceAt<"running">, event: LifeEvent): void {
  switch (event.type) {
    case "full":
      if (turn.life.mode === "seed" || place.ending !== "none" || turn.life.isSelecting) return
      return turn.enter({ ...place, ending: "naming" }, { type: "name" })
    case "selected":
      return hasSelected(turn)
    case "selectRefused":
      turn.set({ isSelecting: false })
      // Who waits gets the answer to the newest selection.
      if (!turn.life.reselect) turn.reject(["selected"], { type: "failed", error: event.error })
      return
    case "named":
      if (place.ending !== "naming") return
      turn.set({ mode: "seed" })
      turn.enter({ ...place, ending: "syncing" }, { type: "tell", what: "named" })
      return turn.do({ type: "endDownload", as: "named" })
    case "durable":
      if (place.ending !== "syncing") return
      turn.enter({ ...place, ending: "none" }, { type: "rememberFetched" })
      return turn.do({ type: "endDownload", as: "durable" })
    case "nameFailed":
      if (place.ending === "none") return
      turn.set({ mode: "download" })
      return turn.enter({ ...place, ending: "none", failure: event.error })
    case "storeFailed":
      return turn.enter({ ...place, failure: place.failure ?? event.error })
  }
}

/** Finished files are left now, unless it is to be asked first whether there is room for a newer selection. */
function hasSelected(turn: Turn): void {
  const { mode, reselect, isSelecting } = turn.life
  if (!isSelecting) return
  if (mode === "seed" && !reselect) turn.leave(undefined)
  else turn.set({ isSelecting: false })
}

function whileFailed(turn: Turn, place: FailedPlace, event: LifeEvent): void {
  if (turn.life.wish !== "run") return
  switch (event.type) {
    case "woke":
      if (place.waitMs === undefined || place.isLooking) return
      if (passesByItself(place.error)) return turn.open({ check: false })
      return turn.enter({ ...place, isLooking: true }, { type: "look" })
    case "looked": {
      if (!place.isLooking) return
      if (event.isBack) return turn.open({ check: false })
      const waitMs = Math.min(2 * (place.waitMs ?? RETRY_MS), MAX_LOOK_MS)
      return turn.enter({ ...place, isLooking: false, waitMs }, { type: "wakeAfter", waitMs })
    }
  }
}

function hasLeft(
  turn: Turn,
  { isDiscarding, failure: cause }: PlaceAt<"leaving">,
  { parts, failure }: Extract<LifeEvent, { readonly type: "left" }>,
): void {
  if (isDiscarding) turn.set({ discarded: failure ?? "deleted", discard: false })
  else if (failure !== undefined) turn.do({ type: "tell", what: "closingFailed", error: failure })
  if (cause === undefined) return turn.rest(parts)
  const left = turn.life.mode === "seed" && isContentGone(cause) ? NO_PARTS : parts
  if (turn.life.wish === "run" && !turn.life.recheck) return turn.fail(cause, left, undefined, true)
  turn.do({ type: "tell", what: "failed", error: cause })
  turn.rest(parts)
}
