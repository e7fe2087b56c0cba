import type { AwaitedDocument } from "../document/awaited-document.js"
import type { Document } from "../document/document.js"

type Documents = Iterable<Document | AwaitedDocument>

/** True while some document needs ticks. */
export function needTicks(documents: Documents): boolean {
  for (const document of documents) if (document.isActive) return true
  return false
}

export function tickAll(documents: Documents): void {
  for (const document of documents) document.tick()
}
