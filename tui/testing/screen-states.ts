import type { ClientSnapshot } from "../../core/index.js"
import { textOf } from "../screen/drawing/cells.js"
import { reduce, type ScreenEvent } from "../screen/input/reducer.js"
import { type Effect, initialState, type ScreenState } from "../screen/state/state.js"
import { frameOf } from "../screen/views/frame.js"
import { fakeDocument, fakeSnapshot } from "./fake-client.js"

/** Three documents with names and states that differ. */
export function threeDocuments(): ClientSnapshot {
  return fakeSnapshot({
    documents: [
      fakeDocument({ id: "1", name: "beta.iso", sizeBytes: 300, haveBytes: 150, state: "downloading", etaSeconds: 9 }),
      fakeDocument({ id: "2", name: "alpha.iso", sizeBytes: 100, haveBytes: 100 }),
      fakeDocument({ id: "3", name: "gamma.txt", sizeBytes: 200, haveBytes: 0, state: "paused", haveCount: 0 }),
    ],
  })
}

export function screenState(change: Partial<ScreenState> = {}): ScreenState {
  const start = { snapshot: threeDocuments(), columns: 100, rows: 24, ascii: false, history: [] }
  return { ...initialState(start), ...change }
}

/** One key a word ("enter", "ctrl-a"); a word of several characters that is no key's name is typed. */
const NAMED = /^(enter|escape|tab|up|down|left|right|home|end|page\w+|backspace|delete|(ctrl|alt|shift)-.+)$/

/** The state after keys, and all effects they had. */
export function press(
  state: ScreenState,
  ...keys: readonly string[]
): { state: ScreenState; effects: readonly Effect[] } {
  const events = keys.flatMap((key): ScreenEvent[] =>
    NAMED.test(key)
      ? [{ kind: "key", key: { name: key, text: undefined } }]
      : [...key].map((text) => ({ kind: "key", key: { name: text, text } })),
  )
  const effects: Effect[] = []
  let now = state
  for (const event of events) {
    const reduced = reduce(now, event)
    now = reduced.state
    effects.push(...reduced.effects)
  }
  return { state: now, effects }
}

export function linesOf(state: ScreenState): readonly string[] {
  return frameOf(state).rows.map(textOf)
}
