import type { KeyPress } from "../keys/key-press.js"
import { isMoving } from "../state/attention.js"
import type { Effect, Mode, ScreenState } from "../state/state.js"
import { EMPTY_FIELD } from "../state/text-field.js"
import { type Reduced, still } from "./reduced.js"

/** Asks before `then` is done; everything but "y" means no. */
export function ask(state: ScreenState, question: string, then: readonly Effect[]): Reduced {
  return still({ ...state, message: undefined, mode: { kind: "confirm", question, then } })
}

export function answerQuestion(state: ScreenState, mode: Extract<Mode, { kind: "confirm" }>, key: KeyPress): Reduced {
  const browsing: ScreenState = { ...state, mode: { kind: "browse" } }
  return key.name === "y" || key.name === "Y" ? { state: browsing, effects: mode.then } : still(browsing)
}

/** Leaves, or asks first while something moves. A screen of another process's client leaves that running. */
export function quit(state: ScreenState): Reduced {
  if (state.isAttached) return { state, effects: [{ kind: "leave" }] }
  const cost = costOfLeaving(state.snapshot)
  if (cost === undefined) return { state, effects: [{ kind: "leave" }] }
  return ask(state, `${cost} Leave? (y/n)`, [{ kind: "leave" }])
}

/** Asks before the client of another process is ended, which is so for every screen of it. */
export function askToStop(state: ScreenState): Reduced {
  const cost = costOfLeaving(state.snapshot) ?? "It serves nobody then."
  return ask(state, `${cost} Stop the client? (y/n)`, [{ kind: "stop-client" }])
}

/** Everything goes on at the next start; what is hashed for an upload is hashed from its beginning. */
function costOfLeaving({ documents, jobs }: ScreenState["snapshot"]): string | undefined {
  const moves = documents.some(isMoving)
  if (jobs.length === 0) return moves ? "Transfers are running; they continue at the next start." : undefined
  return `Hashing begins again at the next start${moves ? ", where transfers continue" : ""}.`
}

/** Ctrl-C: first closes what is being typed, then works like quit; the second in a row leaves at once. */
export function interrupt(state: ScreenState): Reduced {
  if (state.interrupted) return { state, effects: [{ kind: "leave-now" }] }
  const typing = state.mode.kind === "command" || state.mode.kind === "filter"
  const marked: ScreenState = { ...state, interrupted: true }
  if (typing) return still({ ...marked, mode: { kind: "browse" }, field: EMPTY_FIELD })
  return quit(marked)
}
