import type { Clock } from "./clock.js"

/** A signal that is aborted once a time is over. */
export interface Deadline {
  /** Its reason is a DOMException "TimeoutError", as that of `AbortSignal.timeout`. */
  readonly signal: AbortSignal
  /** Cancels the timer. */
  callOff(): void
}

export function deadlineAfter(clock: Clock, waitMs: number): Deadline {
  const controller = new AbortController()
  const callOff = clock.after(waitMs, () =>
    controller.abort(new DOMException(`nothing came in ${waitMs} ms`, "TimeoutError")),
  )
  return { signal: controller.signal, callOff }
}
