import { watchNpx } from "../../core/base/npx-parent.js"
import { type EndingSignal, EXIT_CODE_OF_SIGNAL } from "./exit-codes.js"

/** How long an orderly end may take after the first signal. What is not on record by then is hashed at the next start. */
const END_WITHIN_MS = 4_500

/** The reason of an AbortSignal that a signal of the system has aborted. */
export class EndedBySignal extends Error {
  readonly signal: EndingSignal

  constructor(signal: EndingSignal) {
    super(`${signal} ended it`)
    this.name = "EndedBySignal"
    this.signal = signal
  }
}

/** The exit code of a run whose signal was aborted for `reason`, or undefined when that was no signal of the system. */
export function exitCodeOfSignal(reason: unknown) {
  return reason instanceof EndedBySignal ? EXIT_CODE_OF_SIGNAL[reason.signal] : undefined
}

export interface EndingSignals {
  /** Stops listening, but for SIGHUP: the second one may come while the client leaves, and must not end that. */
  close(): void
}

/**
 * Calls `onFirst` with the first SIGINT, SIGTERM or SIGHUP. The process ends END_WITHIN_MS after it at the latest, and at once with a
 * second one, but for SIGHUP: a window that is closed sends it twice, once through the shell. Without a terminal SIGHUP is ignored:
 * it tells of a terminal that is gone, and under nohup, which takes a program's streams off the terminal, it must not end it. (Node resets
 * the disposition that nohup sets.) When npx started it and is gone, that is a SIGTERM.
 */
export function listenForEnding(hasTerminal: boolean, onFirst: (signal: EndingSignal) => void): EndingSignals {
  let isEnding = false
  const begin = (name: EndingSignal): void => {
    isEnding = true
    stopWatching()
    // What has to be given back is given back by listeners of "exit".
    setTimeout(() => process.exit(EXIT_CODE_OF_SIGNAL[name]), END_WITHIN_MS).unref()
    onFirst(name)
  }
  const stopWatching = watchNpx(() => begin("SIGTERM"))
  const stops = (Object.keys(EXIT_CODE_OF_SIGNAL) as EndingSignal[]).map((name) => {
    const onSignal = (): void => {
      if (name === "SIGHUP" && !hasTerminal) return
      if (!isEnding) return begin(name)
      if (name !== "SIGHUP") process.exit(EXIT_CODE_OF_SIGNAL[name])
    }
    process.on(name, onSignal)
    return () => void (name === "SIGHUP" || process.off(name, onSignal))
  })
  return {
    close: () => {
      stopWatching()
      for (const stop of stops) stop()
    },
  }
}

/** Aborted by the first signal that ends the program, with EndedBySignal as the reason. */
export function endingSignal(hasTerminal: boolean): AbortSignal {
  const controller = new AbortController()
  listenForEnding(hasTerminal, (signal) => controller.abort(new EndedBySignal(signal)))
  return controller.signal
}
