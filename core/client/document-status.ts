import type { SwarmStatus } from "../api/swarm-status.js"
import { TrackerError } from "../base/errors.js"
import type { Document } from "../document/document.js"

/**
 * What the tracker of a document answers to `ask`. One that does not know the document, because another took its place or its data is lost,
 * hears of it from this client first.
 */
export async function statusOf(document: Document, ask: () => Promise<SwarmStatus>): Promise<SwarmStatus> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof TrackerError) || error.code !== "unknown_hash") throw error
    if (await document.announceNow()) return ask()
    const message = `${error.message}: it was replaced, or its data is lost; this client does not announce ${document.name} now`
    throw new TrackerError("unknown_hash", message, { cause: error })
  }
}
