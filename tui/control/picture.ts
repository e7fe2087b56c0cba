import type { ClientSnapshot, DocumentDetail, DocumentSnapshot, TreePage } from "../../core/index.js"
import type { FilesInterest } from "../commands/client-view.js"
import type { JournalEntry } from "../commands/journal.js"
import type { MovedToday } from "../commands/moved-today.js"

/** What a screen shows, as the changes since the picture before. */
export interface Picture {
  readonly snapshot: Omit<ClientSnapshot, "documents">
  readonly today?: MovedToday
  /** Ids of the documents, if their order or number has changed. */
  readonly order?: readonly string[]
  /** Those that have changed. */
  readonly documents: readonly DocumentSnapshot[]
  /** Of the selected document. */
  readonly detail?: DetailChange
  /** Of every document, without their maps of parts. */
  readonly all?: readonly PeersDetail[]
  /** If it has changed, or is another page. */
  readonly files?: FilesInterest & { readonly page?: TreePage }
  /** Entries that were not sent before. */
  readonly log?: readonly JournalEntry[]
}

export type PeersDetail = Omit<DocumentDetail, "parts" | "availability">

/** A document's detail; `known` only if it has changed. */
export interface DetailChange extends Omit<PeersDetail, "known"> {
  readonly known?: DocumentDetail["known"]
  readonly parts: BytesChange
  readonly availability: BytesChange
}

/** Bytes as runs of them that have changed: offset, base64. A new length is one run of all. */
export interface BytesChange {
  readonly length: number
  readonly runs: readonly (readonly [number, string])[]
}

/** Compared at once. Our choice: a change of one part costs 350 characters. */
const RUN_BYTES = 256

/** What turns `before` into `now`; without the same length before, all of it. */
export function bytesChange(before: Uint8Array | undefined, now: Uint8Array): BytesChange {
  const next = Buffer.from(now.buffer, now.byteOffset, now.length)
  if (before?.length !== now.length) return { length: now.length, runs: [[0, next.toString("base64")]] }
  const runs: [number, string][] = []
  const last = Buffer.from(before.buffer, before.byteOffset, before.length)
  for (let at = 0; at < now.length; at += RUN_BYTES) {
    const end = Math.min(at + RUN_BYTES, now.length)
    if (next.compare(last, at, end, at, end) !== 0) runs.push([at, next.toString("base64", at, end)])
  }
  return { length: now.length, runs }
}

/** The inverse: new bytes each time, because views compare what they have drawn. */
export function changedBytes(before: Uint8Array | undefined, { length, runs }: BytesChange): Uint8Array {
  const now = new Uint8Array(length)
  if (before?.length === length) now.set(before)
  for (const [at, text] of runs) now.set(Buffer.from(text, "base64").subarray(0, Math.max(0, length - at)), at)
  return now
}
