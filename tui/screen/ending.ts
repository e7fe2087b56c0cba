import type { Readable } from "node:stream"
import { type EndingSignal, SIGNAL_CODES } from "../exit-codes.js"

/** Why the screen is left. */
export type Ending = { readonly by: "user" } | { readonly by: "signal"; readonly signal: EndingSignal }

export interface EndingWatch {
  /** Resolves when the screen is to be left. */
  readonly ended: Promise<Ending>
  /** The user wants to leave. */
  leave(): void
  /** Nothing can be read from the terminal or set in it any more. */
  isTerminalGone(): boolean
  close(): void
}

/**
 * Waits for the user, a signal, or the end of `keys` (a terminal that goes without a signal) to end the screen. A second
 * signal ends the process at once, but for SIGHUP: a window that is closed sends it twice, once through the shell.
 */
export function watchForEnding(keys: Readable): EndingWatch {
  let end: (ending: Ending) => void = () => {}
  const ended = new Promise<Ending>((resolve) => {
    end = resolve
  })
  const handlers = (Object.keys(SIGNAL_CODES) as EndingSignal[]).map((signal) => {
    let seen = false
    const onSignal = (): void => {
      // The terminal is given back by the listener of "exit".
      if (seen && signal !== "SIGHUP") process.exit(SIGNAL_CODES[signal])
      seen = true
      end({ by: "signal", signal })
    }
    process.on(signal, onSignal)
    // The second SIGHUP may come while the client leaves, and must not end that.
    return () => void (signal === "SIGHUP" || process.off(signal, onSignal))
  })
  let gone = false
  const onKeysEnd = (): void => {
    gone = true
    end({ by: "signal", signal: "SIGHUP" })
  }
  // Listened to until the end: giving back a terminal that is gone is an error too.
  keys.on("end", onKeysEnd).on("error", onKeysEnd)
  return {
    ended,
    leave: () => end({ by: "user" }),
    isTerminalGone: () => gone,
    close: () => {
      for (const stop of handlers) stop()
    },
  }
}
