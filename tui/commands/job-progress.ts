import type { JobSnapshot } from "../../core/index.js"
import { formatBytes, formatDuration, formatPercent, formatRate } from "../base/format.js"
import { doneFilesWords, listedName } from "../words/folder-words.js"
import type { Report } from "./report.js"

/** How far the hashing for an upload is. */
export function jobProgress(job: JobSnapshot): Report {
  const { name, doneBytes, totalBytes, doneFiles, totalFiles, bytesPerSecond, isPaused = false } = job
  const eta = bytesPerSecond > 0 ? (totalBytes - doneBytes) / bytesPerSecond : undefined
  // Before it is looked at, its size is unknown.
  const done = totalBytes === 0 ? "not begun" : `${formatPercent(doneBytes, totalBytes)} of ${formatBytes(totalBytes)}`
  const files = doneFiles === undefined || totalFiles === undefined ? "" : `, ${doneFilesWords(doneFiles, totalFiles)}`
  const shown = listedName(name, totalFiles !== undefined)
  const pace = isPaused ? "paused" : `${formatRate(bytesPerSecond)}, ETA ${formatDuration(eta)}`
  return {
    event: "hashing",
    lines: [`${shown}: hashing, ${done}${files}, ${pace}`],
    fields: {
      name,
      done_bytes: doneBytes,
      total_bytes: totalBytes,
      done_files: doneFiles ?? null,
      total_files: totalFiles ?? null,
      bytes_per_second: Math.round(bytesPerSecond),
      eta_seconds: eta ?? null,
      paused: isPaused,
    },
  }
}
