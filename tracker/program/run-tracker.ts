import pino, { type Logger } from "pino"
import { hasTerminal } from "../../core/base/hangup.js"
import { watchNpx } from "../../core/base/npx-parent.js"
import { createMetrics, type Metrics } from "../http/metrics.js"
import { createRequestLog } from "../http/request-observer.js"
import type { RunOptions } from "./command-line.js"
import { LogOutput, printError } from "./log-output.js"
import { describeStore, openStore } from "./open-store.js"
import { startTracker, type Tracker } from "./server.js"

const EXIT_FAILED = 1

/** A store whose disk or server hangs is left as a crash leaves it: it is made for that. A service manager waits longer. */
const STOP_TIMEOUT_MS = 4_000

/** What `serve` may do otherwise in a worker. */
export interface ServeOptions {
  readonly metrics: Metrics
  /** Answers GET /metrics. */
  readonly readMetrics: Metrics["read"]
  /** The store was found sound by another process. */
  readonly isChecked: boolean
}

/** Runs the tracker in this process until SIGINT or SIGTERM. Rejects with a ConfigError. */
export async function runTracker(options: RunOptions): Promise<void> {
  const log = createLog()
  const metrics = await createMetrics()
  const tracker = await serve(options, { metrics, readMetrics: metrics.read, isChecked: false }, log)
  // Before the line is printed: a parent that waits for it may end the tracker at once.
  stopOnSignals(() => tracker.close(), log)
  logListening(tracker.url, options, log)
}

export async function serve(options: RunOptions, { metrics, ...more }: ServeOptions, log: Logger): Promise<Tracker> {
  const store = await openStore(options, log, more.isChecked)
  metrics.watch(store)
  const observers = [metrics.observe]
  if (options.logRequests > 0) observers.push(createRequestLog(log, options.logRequests))
  return startTracker({ ...options, store, log, observers, readMetrics: more.readMetrics })
}

export function createLog(): Logger {
  const output = new LogOutput(1, {
    onFailed: (code) => printError(`p2p-tracker: the log can't be written (${code}): going on without it`),
  })
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, output)
}

export function logListening(url: string, { store, workers, token }: RunOptions, log: Logger): void {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, "")
  const isPrivate = token !== undefined
  log.info(
    { host, port: Number(port), store: describeStore(store), workers, private: isPrivate },
    `tracker listens on ${url}`,
  )
}

/**
 * Ends in order on SIGINT or SIGTERM, when its terminal is closed, or when npx, which started it, is gone; a second signal ends it at
 * once, except SIGHUP, which a closed window sends twice, once through the shell.
 */
export function stopOnSignals(close: () => Promise<void>, log: Logger, withinMs?: number): void {
  let isStopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) return
    isStopping = true
    log.info({ signal }, "stopping")
    stopWatching()
    for (const name of ["SIGINT", "SIGTERM"] as const) process.removeListener(name, stop)
    void closeInOrder(close, log, withinMs).then(() => signal === "SIGHUP" && endByHangup())
  }
  const stopWatching = watchNpx(() => stop("SIGTERM"))
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, stop)
  if (hasTerminal()) process.on("SIGHUP", stop)
}

/** Node 20 aborts as it puts back the modes of a terminal that is gone; the signal ends it without that. */
export function endByHangup(): void {
  process.removeAllListeners("SIGHUP")
  process.kill(process.pid, "SIGHUP")
}

/** Ends the process the hard way when `close` takes longer, by default than 4 s. */
export async function closeInOrder(close: () => Promise<void>, log: Logger, withinMs = STOP_TIMEOUT_MS): Promise<void> {
  const tooLate = setTimeout(() => {
    log.fatal("could not stop in time: ending at once")
    // process.exit would wait for the thread that hangs.
    process.kill(process.pid, "SIGKILL")
  }, withinMs)
  try {
    await close()
    clearTimeout(tooLate)
    log.info("stopped")
  } catch (error) {
    clearTimeout(tooLate)
    log.fatal({ err: error }, "could not stop in order")
    process.exitCode = EXIT_FAILED
  }
}
