import type { FoundOnDisk } from "../api/client-api.js"
import type { Document } from "./document.js"

/** What a download that was started has on disk. Resolves when all that may be there was checked. */
export async function foundOnDisk(document: Document): Promise<FoundOnDisk> {
  await document.doubtfulChecked()
  const { wanted, lengths, reusedCount: reusedParts } = document
  const partCount = wanted?.parts.count ?? lengths.partCount
  return { reusedParts, partCount, sizeBytes: wanted?.partBytes ?? lengths.sizeBytes }
}
