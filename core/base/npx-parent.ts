import { wasHungUp } from "./hangup.js"

/** Read as soon as the program starts to load. */
const startedBy = process.ppid

/** How often it is looked whether npx's shell is still there. */
const LOOK_EVERY_MS = 500

/** The observed facts of the process; replaced by tests. */
export interface Npx {
  readonly environment: Readonly<NodeJS.ProcessEnv>
  /** Process ids of the parent at the start and now. */
  readonly startedBy: number
  parent(): number
  wasHungUp(): boolean
}

const thisProcess: Npx = { environment: process.env, startedBy, parent: () => process.ppid, wasHungUp }

/**
 * Calls `onGone` once when npx, which started this program, has ended: npm 10 and 11 forward SIGTERM only to the shell in between, and
 * the program would stay and keep its port. A program that was started in another way may outlive its parent. If SIGHUP is ignored
 * (nohup), the program stays. Returns a function that stops watching.
 */
export function watchNpx(onGone: () => void, npx: Npx = thisProcess): () => void {
  if (!isByNpx(npx.environment)) return () => {}
  let isGone = false
  const timer = setInterval(() => {
    if (npx.parent() === npx.startedBy) return
    // The SIGHUP that ended the shell may still be pending: the next check sees it.
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
