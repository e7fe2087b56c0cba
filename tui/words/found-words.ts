import type { FoundOnDisk } from "../../core/index.js"
import { formatBytes, formatCount } from "../base/format.js"
import { somePartsWords } from "./parts-words.js"

/** "412 of 500 parts verified, fetching 88": what a download begins with. */
export function foundWords({ reusedParts, partCount, sizeBytes }: FoundOnDisk): string {
  if (reusedParts === 0)
    return `nothing here yet, fetching all ${formatCount(partCount)} parts (${formatBytes(sizeBytes)})`
  return `${somePartsWords(reusedParts, partCount)} verified, fetching ${formatCount(partCount - reusedParts)}`
}
