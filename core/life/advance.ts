import type { Life, LifeEffect, LifeEvent, Outcome, Waiter } from "./life.js"
import { takeCommand } from "./take-command.js"
import { takeOutcome } from "./take-outcome.js"
import { settled, Turn } from "./turn.js"

export interface Step {
  readonly life: Life
  readonly effects: readonly LifeEffect[]
}

/**
 * Applies one event to a document's life: returns the next life and the effects, in order. Pure, and the only place that decides whether
 * a document opens, runs, pauses, fails or ends.
 */
export function advance(life: Life, event: LifeEvent): Step {
  const turn = new Turn(life)
  if ("waiter" in event) takeCommand(turn, event)
  else takeOutcome(turn, event)
  goOn(turn)
  settle(turn)
  return { life: turn.life, effects: turn.effects }
}

/** One step towards the state that the user wants, if the place allows one. */
function goOn(turn: Turn): void {
  const { place, wish, recheck, reselect } = turn.life
  switch (place.at) {
    case "new":
    case "rest":
    case "failed":
      if (wish !== "gone" && reselect) reopensAsDownload(turn)
      if (wish === "gone") turn.end()
      else if (recheck) turn.open({ check: true })
      else if (wish === "run" && (place.at === "rest" || (place.at === "failed" && reselect)))
        turn.open({ check: false })
      return
    case "opening": {
      const isWanted = recheck ? place.check : wish === "run"
      if (isWanted || place.isGivenUp) return
      return turn.enter({ ...place, isGivenUp: true }, { type: "giveUpOpening" })
    }
    case "running":
      if (place.ending !== "none") return
      if (place.failure !== undefined || wish !== "run" || recheck) turn.leave(place.failure)
      else if (reselect) changeSelection(turn)
      return
    case "mending":
    case "leaving":
    case "discarding":
    case "closed":
      return
  }
}

/** A download changes while it runs. Finished files are not written to: they become a download again, where the disk has room for it. */
function changeSelection(turn: Turn): void {
  if (turn.life.isSelecting) return
  turn.set({ reselect: false, isSelecting: true })
  turn.do({ type: "select" })
}

function reopensAsDownload(turn: Turn): void {
  turn.set({ reselect: false, mode: "download" })
  turn.do({ type: "remember", download: true })
}

function settle(turn: Turn): void {
  const { waiters } = turn.life
  const done = waiters.filter((waiter) => isOver(waiter, turn.life))
  if (done.length === 0) return
  turn.set({ waiters: waiters.filter((waiter) => !done.includes(waiter)) })
  for (const { id, until } of done) turn.do(settled(id, until === "closed" ? closeOutcome(turn.life) : DONE))
}

function isOver({ until }: Waiter, life: Life): boolean {
  const { place, wish, recheck } = life
  const isRunning = place.at === "running" && wish === "run" && !recheck && place.failure === undefined
  if (place.at === "closed") return true
  switch (until) {
    case "running":
      return isRunning
    case "selected":
      if (life.reselect || life.isSelecting) return false
      return isRunning || ["rest", "failed", "new"].includes(place.at)
    case "checked":
      return isRunning || (place.at === "rest" && !recheck)
    case "paused":
      return isRunning || place.at === "rest" || place.at === "failed"
    case "still":
      return isRunning || ["rest", "failed", "new"].includes(place.at)
    case "closed":
      return false
  }
}

const DONE: Outcome = { type: "done", discarded: false }

function closeOutcome({ discarded }: Life): Outcome {
  if (discarded === "none" || discarded === "deleted") return { type: "done", discarded: discarded === "deleted" }
  return { type: "failed", error: discarded }
}
