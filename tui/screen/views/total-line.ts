import { formatBytes, formatDuration, formatPercent } from "../../base/format.js"
import type { Row } from "../drawing/cells.js"
import { isMoving } from "../state/attention.js"
import type { ScreenState } from "../state/state.js"

/** "2 of 5 moving, 63.2 % of 12.3 GiB done, 3m12s left": all documents as one. */
export function totalLine({ snapshot }: ScreenState): Row {
  const { documents, jobs, downBytesPerSecond } = snapshot
  const sizeBytes = documents.reduce((sum, document) => sum + document.sizeBytes, 0)
  const haveBytes = documents.reduce((sum, document) => sum + document.haveBytes, 0)
  const wanted = documents.filter(({ state }) => state === "downloading")
  const leftBytes = wanted.reduce((sum, document) => sum + document.sizeBytes - document.haveBytes, 0)
  const moving = documents.filter(isMoving).length + jobs.length
  const facts = [
    `${moving} of ${documents.length + jobs.length} moving`,
    `${formatPercent(haveBytes, sizeBytes)} of ${formatBytes(sizeBytes)} done`,
  ]
  if (wanted.length > 0) {
    const seconds = downBytesPerSecond > 0 ? leftBytes / downBytesPerSecond : undefined
    facts.push(`${formatBytes(leftBytes)} to come${seconds === undefined ? "" : `, ${formatDuration(seconds)} left`}`)
  }
  return [{ text: facts.join("  "), tone: "dim" }]
}
