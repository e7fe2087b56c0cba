import type { ClientSnapshot } from "../../../core/index.js"
import { formatBytes, formatDuration, formatPercent } from "../../base/format.js"
import { remembered } from "../../base/remembered.js"
import { progressOf } from "../../words/wanted-words.js"
import type { Row } from "../drawing/cells.js"
import { isMoving } from "../state/attention.js"
import type { ScreenState } from "../state/state.js"

/** "2 of 5 moving, 63.2 % of 12.3 GiB done, 3m12s left": all documents as one. */
export function totalLine({ snapshot }: ScreenState): Row {
  return rowOf(snapshot)
}

const rowOf = remembered(({ documents, jobs, downBytesPerSecond }: ClientSnapshot): Row => {
  const progress = documents.map(progressOf)
  const sizeBytes = progress.reduce((sum, { totalBytes }) => sum + totalBytes, 0)
  const haveBytes = progress.reduce((sum, each) => sum + each.haveBytes, 0)
  const wanted = documents.filter(({ state }) => state === "downloading").map(progressOf)
  const leftBytes = wanted.reduce((sum, each) => sum + each.totalBytes - each.haveBytes, 0)
  const moving = documents.filter(isMoving).length + jobs.filter(({ isPaused }) => isPaused !== true).length
  const facts = [
    `${moving} of ${documents.length + jobs.length} moving`,
    `${formatPercent(haveBytes, sizeBytes)} of ${formatBytes(sizeBytes)} done`,
  ]
  if (wanted.length > 0) {
    const seconds = downBytesPerSecond > 0 ? leftBytes / downBytesPerSecond : undefined
    facts.push(`${formatBytes(leftBytes)} to come${seconds === undefined ? "" : `, ${formatDuration(seconds)} left`}`)
  }
  return [{ text: facts.join("  "), tone: "dim" }]
})
