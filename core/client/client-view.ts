import type { ClientSnapshot, JobSnapshot } from "../api/snapshot.js"
import type { AwaitedDocument } from "../document/awaited-document.js"
import type { ClientResources } from "../document/client-resources.js"
import type { Document } from "../document/document.js"
import { isNearLimit, type LimitedRate } from "../document/why.js"
import type { Surroundings } from "../document/why-facts.js"
import { viewAwaited } from "./awaited-view.js"
import type { DocumentShelf } from "./document-shelf.js"
import { downRate, viewDocument, viewLost } from "./document-view.js"

/** The whole client as a snapshot shows it. */
export function viewClient(
  { shelf, awaited }: { readonly shelf: DocumentShelf; readonly awaited: readonly AwaitedDocument[] },
  jobs: readonly JobSnapshot[],
  listening: ClientSnapshot["listening"],
  { clock, tracker, downLimit, upLimit }: ClientResources,
): ClientSnapshot {
  const takenAtMs = clock.now()
  const documents = [...shelf.documents]
  const running = documents.flatMap((document) => document.runner?.state ?? [])
  const downBytesPerSecond = sum(documents.map(downRate))
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
      ...documents.map((document) => viewDocument(document, limitsAround(document, around))),
      ...[...shelf.lostDocuments.values()].map(viewLost),
      ...awaited.map(viewAwaited),
    ],
    jobs,
  }
}

/** What a document is held back by: its own limit where it is near that, else the one that it shares. */
function limitsAround(
  { runner, tracker, downLimit, upLimit }: Document,
  shared: Pick<Surroundings, "downloads" | "uploads">,
): Surroundings {
  const own = (bytesPerSecond = 0, limitBytesPerSecond: number | undefined, all: LimitedRate): LimitedRate => {
    const rate = { bytesPerSecond, limitBytesPerSecond }
    return isNearLimit(rate) || (limitBytesPerSecond !== undefined && all.limitBytesPerSecond === undefined)
      ? rate
      : all
  }
  return {
    tracker: tracker.snapshot(),
    downloads: own(runner?.state.down.bytesPerSecond, downLimit.ownBytesPerSecond, shared.downloads),
    uploads: own(runner?.state.up.bytesPerSecond, upLimit.ownBytesPerSecond, shared.uploads),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
