import type { TrackerSnapshot } from "../../core/index.js"

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

/** In coarse steps: a screen on which nothing happens must not change every second. */
function agoWords(elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1_000)
  if (seconds < 10) return "just now"
  if (seconds < 60) return `${seconds - (seconds % 10)} s ago`
  return `${Math.floor(seconds / 60)} min ago`
}
