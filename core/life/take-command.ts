import type { LifeEvent } from "./life.js"
import { NO_PARTS } from "./life.js"
import { settled, type Turn } from "./turn.js"

type Command = Extract<LifeEvent, { readonly waiter: number }>

/** Sets the state that the user wants. Waiting commands for another state are interrupted; after `close` no command is accepted. */
export function takeCommand(turn: Turn, command: Command): void {
  const { life } = turn
  if (command.type === "waitStill") return turn.wait(command.waiter, "still")
  if (command.type === "close") return close(turn, command)
  if (life.wish === "gone") return turn.do(settled(command.waiter, { type: "refused" }))
  switch (command.type) {
    case "start":
    case "resume":
      return run(turn, command)
    case "recheck":
      turn.wait(command.waiter, "checked")
      turn.set({ recheck: true })
      return turn.do({ type: "remember", recheck: true })
    case "select":
      turn.wait(command.waiter, "selected")
      return turn.set({ reselect: true })
    case "pause":
      return pause(turn, command.waiter)
  }
}

function run(turn: Turn, { type, waiter }: Command): void {
  const { place, wish, recheck } = turn.life
  turn.wait(waiter, "running")
  if (place.at === "running" && wish === "run") return
  turn.set({ wish: "run" })
  if (type === "resume") turn.do({ type: "remember", paused: false })
  if (place.at === "new" || place.at === "failed") turn.open({ check: recheck })
}

function pause(turn: Turn, waiter: number): void {
  const { place, recheck } = turn.life
  interrupt(turn, "pause")
  turn.set({ wish: "pause", recheck: false })
  turn.do({ type: "remember", paused: true, ...(recheck && { recheck: false }) })
  turn.wait(waiter, "paused")
  if (place.at === "failed") {
    turn.do({ type: "sleepOn" })
    turn.rest(place.parts)
  } else if (place.at === "new") turn.rest(NO_PARTS)
}

/** An interrupted check stays remembered: the next start takes it up. */
function close(turn: Turn, { waiter, discard }: Extract<LifeEvent, { readonly type: "close" }>): void {
  turn.wait(waiter, "closed")
  if (turn.life.wish === "gone") return
  interrupt(turn, "close")
  turn.set({ wish: "gone", discard, recheck: false })
}

function interrupt(turn: Turn, by: "pause" | "close"): void {
  turn.reject(by === "pause" ? ["running", "checked"] : ["running", "checked", "selected"], { type: "interrupted", by })
}
