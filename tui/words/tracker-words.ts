import type { TrackerSnapshot } from "../../core/index.js"
import { agoWords } from "./ago-words.js"

/** "tracker answered 10 s ago", or why there is no answer. */
export function trackerWords(tracker: TrackerSnapshot, nowMs: number): string {
  if (tracker.state === "none") return "it has no tracker"
  if (tracker.state === "unasked") return "the tracker has not answered yet"
  if (tracker.state === "answering") return `tracker answered ${agoWords(nowMs - (tracker.answeredAtMs ?? nowMs))}`
  return problemWords(tracker)
}

export function problemWords({ problem }: TrackerSnapshot): string {
  return problem === undefined || problem.message === "" ? "the tracker does not answer" : problem.message
}
