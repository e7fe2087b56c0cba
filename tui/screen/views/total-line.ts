import type { ClientSnapshot, DocumentSnapshot } from "../../../core/index.js"
import { formatBytes, formatCount, formatDuration, formatPercent } from "../../base/format.js"
import { remembered } from "../../base/remembered.js"
import type { MovedToday } from "../../commands/moved-today.js"
import { progressOf } from "../../words/wanted-words.js"
import { type Row, widthOf } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { isMoving, isWaiting } from "../state/attention.js"
import type { ScreenState } from "../state/state.js"

/** "2 of 5 moving, 63.2 % of 12.3 GiB done, 3m12s left, today ↓ 1.20 GiB ↑ 0 B": all documents as one, as much as fits. */
export function totalLine({ snapshot, today, columns }: ScreenState, glyphs: Glyphs): Row {
  const [moving = "", done = "", ...toCome] = factsOf(snapshot)
  const ofToday = today === undefined ? [] : [todayWords(today, glyphs)]
  const choices = [
    [moving, done, ...toCome, ...ofToday],
    [done, ...toCome, ...ofToday],
    [done, ...ofToday],
  ]
  const texts = choices.map((facts) => facts.join("  "))
  return [{ text: texts.find((text) => widthOf(text) <= columns) ?? texts.at(-1) ?? "", tone: "dim" }]
}

function todayWords({ downloadedBytes, uploadedBytes }: MovedToday, { down, up }: Glyphs): string {
  return `today ${down} ${formatBytes(downloadedBytes)} ${up} ${formatBytes(uploadedBytes)}`
}

const factsOf = remembered(({ documents, jobs, downBytesPerSecond }: ClientSnapshot): readonly string[] => {
  const progress = documents.map(progressOf)
  const sizeBytes = progress.reduce((sum, { totalBytes }) => sum + totalBytes, 0)
  const haveBytes = progress.reduce((sum, each) => sum + each.haveBytes, 0)
  const wanted = documents.filter(({ state }) => state === "downloading").map(progressOf)
  const leftBytes = wanted.reduce((sum, each) => sum + each.totalBytes - each.haveBytes, 0)
  const moving = documents.filter(moves).length + jobs.filter(({ isPaused }) => isPaused !== true).length
  const facts = [
    `${formatCount(moving)} of ${formatCount(documents.length + jobs.length)} moving`,
    `${formatPercent(haveBytes, sizeBytes)} of ${formatBytes(sizeBytes)} done`,
  ]
  if (wanted.length > 0) {
    const seconds = downBytesPerSecond > 0 ? leftBytes / downBytesPerSecond : undefined
    facts.push(`${formatBytes(leftBytes)} to come${seconds === undefined ? "" : `, ${formatDuration(seconds)} left`}`)
  }
  return facts
})

/** A download that waits moves only what it uploads. */
function moves(document: DocumentSnapshot): boolean {
  return isMoving(document) && (!isWaiting(document) || document.upBytesPerSecond > 0)
}
