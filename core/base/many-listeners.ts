import { setMaxListeners } from "node:events"

/** For a signal that ends many pieces of work at once: past ten listeners Node would write a warning about a memory leak to stderr, into a screen. */
export function expectManyListeners(signal: AbortSignal): void {
  setMaxListeners(0, signal)
}
