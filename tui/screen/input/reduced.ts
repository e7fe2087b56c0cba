import type { Effect, ScreenState } from "../state/state.js"

/** What an event leads to: the next state, and what is to be done outside. */
export interface Reduced {
  readonly state: ScreenState
  readonly effects: readonly Effect[]
}

/** A new state, and nothing to be done. */
export function still(state: ScreenState): Reduced {
  return { state, effects: [] }
}
