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

/**
 * Aborted by the first SIGINT, SIGTERM or SIGHUP, with EndedBySignal as the reason. The process ends END_WITHIN_MS after it at the latest,
 * and at once with a second one, but for SIGHUP: a window that is closed sends it twice, once through the shell. Without a terminal SIGHUP
 * is ignored: it means that the terminal is gone, and must not end a program under nohup, whose streams are not on the terminal.
 * (Node resets the disposition that nohup sets.) When npx started it and is gone, that is a SIGTERM.
 */
export function endingSignal(hasTerminal: boolean): AbortSignal {
  const controller = new AbortController()
  const begin = (name: EndingSignal): void => {
    stopWatching()
    // What has to be given back is given back by listeners of "exit".
    setTimeout(() => process.exit(EXIT_CODE_OF_SIGNAL[name]), END_WITHIN_MS).unref()
    controller.abort(new EndedBySignal(name))
  }
  const stopWatching = watchNpx(() => begin("SIGTERM"))
  for (const name of Object.keys(EXIT_CODE_OF_SIGNAL) as EndingSignal[]) {
    process.on(name, () => {
      if (name === "SIGHUP" && !hasTerminal) return
      if (!controller.signal.aborted) begin(name)
      else if (name !== "SIGHUP") process.exit(EXIT_CODE_OF_SIGNAL[name])
    })
  }
  return controller.signal
}
