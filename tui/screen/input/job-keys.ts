import { printable } from "../../base/printable.js"
import type { ActionName } from "../keys/keys.js"
import { selectedJob } from "../state/document-order.js"
import type { ScreenState } from "../state/state.js"
import { type Reduced, still } from "./reduced.js"

/** What keys do with a document, and can't do with a file that is hashed to become one. */
const WITH_A_DOCUMENT: ReadonlySet<ActionName> = new Set([
  ...(["recheck", "repair", "copy-torrent", "copy-id", "copy-link", "show-link", "limit-document"] as const),
  ...(["open", "mark"] as const),
])

/** A key for the file that is hashed and selected; undefined where it is for something else. */
export function jobKey(state: ScreenState, action: ActionName): Reduced | undefined {
  const job = selectedJob(state)
  if (job === undefined || state.marked.size > 0) return undefined
  const { filePath, isPaused } = job
  if (action === "copy-path")
    return { state, effects: [{ kind: "copy", text: filePath, what: `the path ${filePath}` }] }
  if (!WITH_A_DOCUMENT.has(action)) return undefined
  const text = `${printable(job.name)} is hashed first, then it is a document: p ${isPaused === true ? "resumes" : "pauses"} that, x stops it`
  return still({ ...state, message: { text, tone: "plain" } })
}
