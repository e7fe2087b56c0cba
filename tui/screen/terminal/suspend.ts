import { isInForeground } from "./foreground.js"
import type { Terminal } from "./terminal.js"

/** After this long without SIGCONT, the process was never stopped (no job control): the screen is drawn again. */
const NOT_STOPPED_AFTER_MS = 200

/** How often a client that was continued in the background looks whether it has the terminal again. */
const LOOK_AGAIN_MS = 500

export interface Suspension {
  /** Gives the terminal back and stops the process group, as a terminal does on Ctrl-Z. */
  suspend(): void
  close(): void
}

/** Restores the terminal on SIGTSTP and takes it again on SIGCONT. `onBack` draws everything anew. */
export function handleSuspension(terminal: Terminal, onBack: () => void): Suspension {
  let timer: NodeJS.Timeout | undefined
  const comeBack = (): void => {
    clearTimeout(timer)
    // Continued in the background (`bg`, or `kill %1` before it ends): to set the terminal's modes from there stops the process.
    if (!isInForeground()) {
      timer = setTimeout(comeBack, LOOK_AGAIN_MS).unref()
      return
    }
    process.on("SIGTSTP", suspend)
    terminal.take()
    onBack()
  }
  const suspend = (): void => {
    terminal.restore()
    // Without our listener the signal does what it does to any program.
    process.off("SIGTSTP", suspend)
    timer = setTimeout(comeBack, NOT_STOPPED_AFTER_MS)
    process.kill(0, "SIGTSTP")
  }
  // Also after a SIGSTOP, which cannot be caught: the shell has used the terminal meanwhile.
  const onContinue = (): void => {
    process.off("SIGTSTP", suspend)
    comeBack()
  }
  process.on("SIGTSTP", suspend)
  process.on("SIGCONT", onContinue)
  return {
    suspend,
    close: () => {
      clearTimeout(timer)
      process.off("SIGTSTP", suspend)
      process.off("SIGCONT", onContinue)
    },
  }
}
