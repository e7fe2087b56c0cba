import { isatty } from "node:tty"

let isHungUp = false

/**
 * Lives on when the terminal goes, where no stream of this process is one: nohup has the system ignore SIGHUP, and Node takes that
 * back when it starts. Called before anything else is loaded, because until then SIGHUP ends the process.
 */
export function ignoreHangup(): void {
  if (hasTerminal()) return
  process.on("SIGHUP", () => {
    isHungUp = true
  })
}

/** Whether any of this process's streams is a terminal, which may be closed. */
export function hasTerminal(): boolean {
  return [0, 1, 2].some((fd) => isatty(fd))
}

/** SIGHUP came, and was ignored. */
export function wasHungUp(): boolean {
  return isHungUp
}
