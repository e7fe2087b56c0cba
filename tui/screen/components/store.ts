import type { ScreenEvent } from "../input/reducer.js"
import { reduce } from "../input/reducer.js"
import type { Effect, ScreenState } from "../state/state.js"

/** Holds the screen's one state outside React. Listeners hear of all events of one turn of the event loop together. */
export class ScreenStore {
  readonly #onEffect: (effect: Effect) => void
  readonly #listeners = new Set<() => void>()
  #state: ScreenState
  #told = true

  constructor(state: ScreenState, onEffect: (effect: Effect) => void) {
    this.#state = state
    this.#onEffect = onEffect
  }

  state = (): ScreenState => this.#state

  dispatch = (event: ScreenEvent): void => {
    const { state, effects } = reduce(this.#state, event)
    if (state !== this.#state) {
      this.#state = state
      this.#tellSoon()
    }
    for (const effect of effects) this.#onEffect(effect)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A pasted text is thousands of keys in one chunk, and one picture. */
  #tellSoon(): void {
    if (!this.#told) return
    this.#told = false
    queueMicrotask(() => {
      this.#told = true
      for (const listener of this.#listeners) listener()
    })
  }
}
