import { wasHungUp } from "./hangup.js"

/** Read as soon as the program starts to load. */
const startedBy = process.ppid

/** How often it is looked whether npx's shell is still there. */
const LOOK_EVERY_MS = 500

/** What is looked at; for tests. */
export interface Npx {
  readonly environment: Readonly<NodeJS.ProcessEnv>
  /** Who started this program, and who its parent is now. */
  readonly startedBy: number
  parent(): number
  wasHungUp(): boolean
}

const thisProcess: Npx = { environment: process.env, startedBy, parent: () => process.ppid, wasHungUp }

/**
 * Calls `onGone` once when npx, which started this program, was ended: npm 10 and 11 hand SIGTERM on to no more than the shell between
 * the two, and the program would stay behind and keep its port. A program that was started in any other way may outlive its
 * parent. After a SIGHUP that is ignored it stays, as whoever said nohup wants. Returns what ends the looking.
 */
export function watchNpx(onGone: () => void, npx: Npx = thisProcess): () => void {
  if (!isByNpx(npx.environment)) return () => {}
  let isGone = false
  const timer = setInterval(() => {
    if (npx.parent() === npx.startedBy) return
    // The SIGHUP that ended the shell may be on its way here: it is told by the next look.
    if (isGone) clearInterval(timer)
    if (isGone && !npx.wasHungUp()) onGone()
    isGone = true
  }, LOOK_EVERY_MS).unref()
  return () => clearInterval(timer)
}

/** A shell inside another program that npx runs has the same variables, but for the command; and one with a "&" is not waited for. */
function isByNpx({
  npm_command,
  npm_lifecycle_event,
  npm_lifecycle_script = "",
}: Readonly<NodeJS.ProcessEnv>): boolean {
  const isNpx = npm_command === "exec" && npm_lifecycle_event === "npx"
  return isNpx && /\bp2p-(tui|tracker)\b/.test(npm_lifecycle_script) && !npm_lifecycle_script.includes("&")
}
