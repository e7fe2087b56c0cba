import { type EndingSignal, SIGNAL_CODES } from "../exit-codes.js"

/** Why the screen is left. */
export type Ending = { readonly by: "user" } | { readonly by: "signal"; readonly signal: EndingSignal }

export interface EndingWatch {
  /** Resolves when the screen is to be left. */
  readonly ended: Promise<Ending>
  /** The user wants to leave. */
  leave(): void
  close(): void
}

/** Waits for the user or a signal to end the screen. A second signal ends the process at once. */
export function watchForEnding(): EndingWatch {
  let end: (ending: Ending) => void = () => {}
  const ended = new Promise<Ending>((resolve) => {
    end = resolve
  })
  const handlers = (Object.keys(SIGNAL_CODES) as EndingSignal[]).map((signal) => {
    let seen = false
    const onSignal = (): void => {
      // The terminal is given back by the listener of "exit".
      if (seen) process.exit(SIGNAL_CODES[signal])
      seen = true
      end({ by: "signal", signal })
    }
    process.on(signal, onSignal)
    return () => process.off(signal, onSignal)
  })
  return {
    ended,
    leave: () => end({ by: "user" }),
    close: () => {
      for (const stop of handlers) stop()
    },
  }
}
