import type { ClientSnapshot, DocumentSnapshot } from "../../../core/index.js"
import { formatBytes } from "../../base/format.js"
import { printable } from "../../base/printable.js"
import type { Effect, Message, ScreenState } from "../state/state.js"
import type { Reduced } from "./reduced.js"

interface Ended {
  readonly id: string
  readonly message: Message
}

/** Says of downloads that have ended since the snapshot before what became of them, whichever run began them, and marks their lines. */
export function withEnded({ state, effects }: Reduced, before: ClientSnapshot): Reduced {
  const ended = endedSince(before, state.snapshot)
  const last = ended.at(-1)
  if (last === undefined) return { state, effects }
  const { text, tone } = last.message
  const message: Message =
    ended.length === 1 ? last.message : { text: `${text}; ${ended.length - 1} more have ended`, tone }
  const unseen = new Set([...state.unseen, ...ended.map(({ id }) => id)])
  const notify: Effect = { kind: "notify", text: message.text }
  return { state: { ...state, message, unseen }, effects: [...effects, notify] }
}

function endedSince(before: ClientSnapshot, now: ClientSnapshot): readonly Ended[] {
  if (before === now) return []
  const earlier = new Map(before.documents.map((document) => [document.id, document.state]))
  return now.documents.flatMap((document) => {
    if (earlier.get(document.id) !== "downloading") return []
    const message = messageOf(document)
    return message === undefined ? [] : [{ id: document.id, message }]
  })
}

function messageOf({ state, name, sizeBytes, why }: DocumentSnapshot): Message | undefined {
  const called = printable(name)
  if (state === "seeding") return { text: `${called} is complete, ${formatBytes(sizeBytes)}`, tone: "good" }
  if (state !== "failed") return undefined
  const reason = why?.code === "failed" ? `: ${printable(why.error.message)}` : ""
  return { text: `${called} has failed${reason}`, tone: "bad" }
}

/** The line that a key or a click goes to, or that is selected when one comes, has been seen. */
export function withSeen(state: ScreenState): ScreenState {
  const { selectedId, unseen } = state
  if (state.view === "log" || state.view === "help" || selectedId === undefined || !unseen.has(selectedId)) return state
  return { ...state, unseen: new Set([...unseen].filter((id) => id !== selectedId)) }
}
