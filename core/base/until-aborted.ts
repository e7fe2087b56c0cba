import { CommandError, P2pError } from "./errors.js"

/** What every command of the client takes. */
export interface CommandOptions {
  /** Ends the wait: the command rejects with CommandError "interrupted". Work already in the engine continues until `close`. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Waits for a command's work until the signal is aborted. The work then continues, and of its errors only a bug is reported.
 * @throws CommandError "interrupted" with the signal's reason as its cause.
 */
export async function untilAborted<T>(begin: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return begin()
  if (signal.aborted) throw interrupted(signal)
  const work = begin()
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      // The result has no receiver any more; work that takes the signal too rejects with its reason.
      work.catch((error: unknown) => {
        if (error !== signal.reason) throwBugs(error)
      })
      reject(interrupted(signal))
    }
    signal.addEventListener("abort", onAbort)
  })
  try {
    return await Promise.race([work, aborted])
  } catch (error) {
    // Work that takes the signal too may have rejected first.
    throw signal.aborted && error === signal.reason ? interrupted(signal) : error
  } finally {
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort)
  }
}

/** The error of a command whose signal was aborted. */
export function interrupted(signal: AbortSignal): CommandError {
  return new CommandError("interrupted", "interrupted before it was finished", { cause: signal.reason })
}

/** For work without a waiting caller: an event has reported expected errors, and a bug ends the program. */
export function throwBugs(error: unknown): void {
  if (!(error instanceof P2pError)) throw error
}
