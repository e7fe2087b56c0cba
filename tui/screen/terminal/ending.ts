import type { Readable } from "node:stream"
import { EndedBySignal } from "../../base/ending-signal.js"
import type { EndingSignal } from "../../base/exit-codes.js"

/** Why the screen is left. */
export type Ending =
  | { readonly by: "user" }
  | { readonly by: "signal"; readonly signal: EndingSignal }
  /** The client of another process, whose screen this is, has ended. */
  | { readonly by: "client" }

export interface EndingWatch {
  /** Resolves when the screen is to be left. */
  readonly ended: Promise<Ending>
  /** The user wants to leave. */
  leave(): void
  /** The client of another process is being left. */
  clientLeft(): void
  /** Nothing can be read from the terminal or set in it any more. */
  isTerminalGone(): boolean
}

/**
 * Waits for the user, `signal`, which a signal of the system may have aborted before, or the end of `keys` (a terminal that goes without a
 * signal) to end the screen.
 */
export function watchForEnding(keys: Readable, signal: AbortSignal): EndingWatch {
  let end: (ending: Ending) => void = () => {}
  const ended = new Promise<Ending>((resolve) => {
    end = resolve
  })
  const onAbort = (): void => {
    // Else another process has asked the client to end.
    const isSignal = signal.reason instanceof EndedBySignal
    end(isSignal ? { by: "signal", signal: signal.reason.signal } : { by: "user" })
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener("abort", onAbort, { once: true })
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
    clientLeft: () => end({ by: "client" }),
    isTerminalGone: () => gone,
  }
}
