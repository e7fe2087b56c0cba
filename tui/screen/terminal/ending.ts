import type { Readable } from "node:stream"
import { listenForEnding } from "../../base/ending-signal.js"
import type { EndingSignal } from "../../base/exit-codes.js"

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

/** Waits for the user, a signal, or the end of `keys` (a terminal that goes without a signal) to end the screen. */
export function watchForEnding(keys: Readable): EndingWatch {
  let end: (ending: Ending) => void = () => {}
  const ended = new Promise<Ending>((resolve) => {
    end = resolve
  })
  const signals = listenForEnding(true, (signal) => end({ by: "signal", signal }))
  let gone = false
  const onKeysEnd = (): void => {
    gone = true
    end({ by: "signal", signal: "SIGHUP" })
  }
  // Listened to until the end: giving back a terminal that is gone is an error too.
  keys.on("end", onKeysEnd).on("error", onKeysEnd)
  return { ended, leave: () => end({ by: "user" }), isTerminalGone: () => gone, close: signals.close }
}
