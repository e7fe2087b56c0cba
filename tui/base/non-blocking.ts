import type { Writable } from "node:stream"

/** What every terminal's stream of Node 20 and later has; not part of its documented interface. */
interface TerminalHandle {
  setBlocking?(isBlocking: boolean): number
}

/**
 * Has writes to a terminal queue up instead of stopping the whole process while the terminal takes nothing (an ssh session that sleeps).
 * Node makes terminals blocking; libuv writes through a file description of its own, so other programs on the terminal notice nothing.
 */
export function neverWaitFor(stream: Writable): void {
  const { _handle: handle } = stream as { readonly _handle?: TerminalHandle | null }
  handle?.setBlocking?.(false)
}
