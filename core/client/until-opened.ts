import type { Clock } from "../clock.js"
import type { Document } from "./document.js"

/** What is hashed may take minutes, and its count grows before eyes. Our choice: a person waits a second for a list. */
const WAIT_MS = 1_000

/** Settles when nothing of these documents is under way any more, or when it was waited for long enough. Never rejects. */
export function untilOpened(documents: readonly Document[], clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.after(WAIT_MS, resolve)
    // Why a document did not open is shown in the list.
    void Promise.allSettled(documents.map((document) => document.settled())).then(() => {
      stop()
      resolve()
    })
  })
}
