import type { ScreenEvent } from "../input/reducer.js"
import { reduce } from "../input/reducer.js"
import type { Effect, ScreenState } from "../state/state.js"

/** Holds the screen's one state outside React. Listeners are called once for all events of one turn of the event loop. */
export class ScreenStore {
  readonly #onEffect: (effect: Effect) => void
  readonly #listeners = new Set<() => void>()
  #state: ScreenState
  #isNotified = true

  constructor(state: ScreenState, onEffect: (effect: Effect) => void) {
    this.#state = state
    this.#onEffect = onEffect
  }

  state = (): ScreenState => this.#state

  dispatch = (event: ScreenEvent): void => {
    const { state, effects } = reduce(this.#state, event)
    if (state !== this.#state) {
      this.#state = state
      this.#notifySoon()
    }
    for (const effect of effects) this.#onEffect(effect)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls the listeners in a microtask, because a pasted text is thousands of keys in one chunk and needs one frame. */
  #notifySoon(): void {
    if (!this.#isNotified) return
    this.#isNotified = false
    queueMicrotask(() => {
      this.#isNotified = true
      for (const listener of this.#listeners) listener()
    })
  }
}
