import type { ClientSnapshot, DocumentSnapshot } from "../../../core/index.js"
import { formatBytes, formatPercent } from "../../base/format.js"
import { printable } from "../../base/printable.js"
import { progressOf } from "../../words/wanted-words.js"

/** What stays in the scrollback after leaving: what was fetched, what was served, what is unfinished. Three lines. */
export function summaryLines({ documents }: ClientSnapshot): readonly [string, string, string] {
  const fetched = documents.filter((document) => document.downloadedBytes > 0)
  const served = documents.filter((document) => document.uploadedBytes > 0)
  const unfinished = documents.filter((document) => isUnfinished(document))
  return [
    `fetched:    ${named(fetched, (document) => formatBytes(document.downloadedBytes))}`,
    `served:     ${named(served, (document) => formatBytes(document.uploadedBytes))}`,
    `unfinished: ${named(unfinished, (document) => donePercent(document))}`,
  ]
}

function isUnfinished(document: DocumentSnapshot): boolean {
  const { haveCount, partCount } = progressOf(document)
  return haveCount < partCount
}

function donePercent(document: DocumentSnapshot): string {
  const { haveBytes, totalBytes } = progressOf(document)
  return formatPercent(haveBytes, totalBytes)
}

/** Names beyond these are counted. */
const NAMED = 3

function named(documents: readonly DocumentSnapshot[], amount: (document: DocumentSnapshot) => string): string {
  if (documents.length === 0) return "nothing"
  const words = documents.slice(0, NAMED).map((document) => `${printable(document.name)} (${amount(document)})`)
  const more = documents.length - words.length
  return words.join(", ") + (more > 0 ? ` and ${more} more` : "")
}
