import type { P2pError } from "../base/errors.js"
import { passesByItself } from "./passing-errors.js"
import { RETRY_MS } from "./turn.js"

/** Where a document stands that is known by its link only. It is in exactly one of these. */
export type AwaitedPlace =
  /** Nothing is open. */
  | { readonly at: "rest" }
  /** Its description is looked for. */
  | { readonly at: "asking" }
  /** The search is being ended. */
  | { readonly at: "leaving" }
  /** The description is there: the torrent file is being written, and the document begun. */
  | { readonly at: "describing" }
  /** `goesOn`: it is tried again without a command. */
  | { readonly at: "failed"; readonly error: P2pError; readonly goesOn: boolean }
  /** Final: an ordinary document has taken its place. */
  | { readonly at: "described" }
  /** Final. */
  | { readonly at: "closed" }

export interface AwaitedLife {
  readonly wish: "run" | "pause" | "gone"
  readonly place: AwaitedPlace
  /** The description is held: a failure behind it needs no new search. */
  readonly isFound: boolean
}

export type AwaitedEvent =
  /** Commands of the user. */
  | { readonly type: "run" | "pause" | "close" }
  /** The description has come, and is the right one. */
  | { readonly type: "found" }
  | { readonly type: "left" }
  | { readonly type: "described" }
  | { readonly type: "describeFailed"; readonly error: P2pError }
  | { readonly type: "woke" }

/** Effects to carry out. "ask" ends with found, "leave" with left, "describe" with described or describeFailed. */
export type AwaitedEffect =
  | { readonly type: "ask" | "leave" | "describe" | "sleepOn" }
  | { readonly type: "remember"; readonly paused: boolean }
  | { readonly type: "wakeAfter"; readonly waitMs: number }
  | { readonly type: "tell"; readonly what: "paused" }
  | { readonly type: "tell"; readonly what: "failed"; readonly error: P2pError }

export interface AwaitedStep {
  readonly life: AwaitedLife
  readonly effects: readonly AwaitedEffect[]
}

export function beginAwaited(isPaused: boolean): AwaitedLife {
  return { wish: isPaused ? "pause" : "run", place: { at: "rest" }, isFound: false }
}

/** Applies one event to the life of a document that is known by its link: returns the next life and the effects, in order. Pure. */
export function advanceAwaited(life: AwaitedLife, event: AwaitedEvent): AwaitedStep {
  const taken = take(life, event)
  const next = goOn(taken.life)
  return { life: next.life, effects: [...taken.effects, ...next.effects] }
}

function take(life: AwaitedLife, event: AwaitedEvent): AwaitedStep {
  switch (event.type) {
    case "run":
    case "pause":
    case "close":
      return command(life, event.type)
    case "found":
      return life.place.at === "asking" && life.wish === "run"
        ? enter({ ...life, isFound: true }, { at: "describing" }, { type: "describe" })
        : still(life)
    case "left":
      if (life.place.at !== "leaving") return still(life)
      if (life.wish !== "pause") return enter(life, { at: "rest" })
      return enter(life, { at: "rest" }, { type: "tell", what: "paused" })
    case "described":
      return life.place.at === "describing" ? enter(life, { at: "described" }) : still(life)
    case "describeFailed":
      return life.place.at === "describing" ? failed(life, event.error) : still(life)
    case "woke":
      return life.place.at === "failed" && life.place.goesOn ? enter(life, { at: "rest" }) : still(life)
  }
}

function command(life: AwaitedLife, type: "run" | "pause" | "close"): AwaitedStep {
  if (isOver(life) || life.wish === "gone") return still(life)
  if (type === "close") return still({ ...life, wish: "gone" })
  const woken: readonly AwaitedEffect[] = life.place.at === "failed" ? [{ type: "sleepOn" }] : []
  const place: AwaitedPlace = life.place.at === "failed" ? { at: "rest" } : life.place
  const effects: readonly AwaitedEffect[] = [...woken, { type: "remember", paused: type === "pause" }]
  return { life: { ...life, wish: type, place }, effects }
}

function failed(life: AwaitedLife, error: P2pError): AwaitedStep {
  const goesOn = passesByItself(error)
  const wake: readonly AwaitedEffect[] = goesOn ? [{ type: "wakeAfter", waitMs: RETRY_MS }] : []
  return enter(life, { at: "failed", error, goesOn }, { type: "tell", what: "failed", error }, ...wake)
}

/** One step towards what the user wants, if the place allows one. */
function goOn(life: AwaitedLife): AwaitedStep {
  const { wish, place, isFound } = life
  switch (place.at) {
    case "rest":
      if (wish === "gone") return enter(life, { at: "closed" })
      if (wish === "pause") return still(life)
      return isFound
        ? enter(life, { at: "describing" }, { type: "describe" })
        : enter(life, { at: "asking" }, { type: "ask" })
    case "asking":
      return wish === "run" ? still(life) : enter(life, { at: "leaving" }, { type: "leave" })
    case "failed":
      return wish === "gone" ? enter(life, { at: "closed" }, { type: "sleepOn" }) : still(life)
    case "leaving":
    case "describing":
    case "described":
    case "closed":
      return still(life)
  }
}

/** Nothing is under way that a command waits for. */
export function isStill({ place }: AwaitedLife): boolean {
  return place.at !== "leaving" && place.at !== "describing"
}

function isOver({ place }: AwaitedLife): boolean {
  return place.at === "described" || place.at === "closed"
}

function enter(life: AwaitedLife, place: AwaitedPlace, ...effects: readonly AwaitedEffect[]): AwaitedStep {
  return { life: { ...life, place }, effects }
}

function still(life: AwaitedLife): AwaitedStep {
  return { life, effects: [] }
}
