import type { ClientSnapshot, JobSnapshot } from "../api/snapshot.js"
import type { ClientResources } from "../document/client-resources.js"
import type { DocumentShelf } from "./document-shelf.js"
import { viewDocument, viewLost } from "./document-view.js"

/** The whole client as a snapshot shows it. */
export function viewClient(
  shelf: DocumentShelf,
  jobs: readonly JobSnapshot[],
  listening: ClientSnapshot["listening"],
  { clock, tracker, downLimit, upLimit }: ClientResources,
): ClientSnapshot {
  const takenAtMs = clock.now()
  const documents = [...shelf.documents]
  const running = documents.flatMap((document) => document.runner?.state ?? [])
  const downBytesPerSecond = sum(running.map((state) => state.down.bytesPerSecond))
  const upBytesPerSecond = sum(running.map((state) => state.up.bytesPerSecond))
  const limits = { downBytesPerSecond: downLimit.bytesPerSecond, upBytesPerSecond: upLimit.bytesPerSecond }
  const around = {
    downloads: { bytesPerSecond: downBytesPerSecond, limitBytesPerSecond: limits.downBytesPerSecond },
    uploads: { bytesPerSecond: upBytesPerSecond, limitBytesPerSecond: limits.upBytesPerSecond },
  }
  return {
    takenAtMs,
    listening,
    tracker: tracker.snapshot(),
    downBytesPerSecond,
    upBytesPerSecond,
    limits,
    documents: [
      ...documents.map((document) => viewDocument(document, { ...around, tracker: document.tracker.snapshot() })),
      ...[...shelf.lostDocuments.values()].map(viewLost),
    ],
    jobs,
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
