import { hasTerminal } from "../../core/base/hangup.js"
import { createMetrics, shareMetrics } from "../http/metrics.js"
import type { RunOptions } from "./command-line.js"
import { printError } from "./log-output.js"
import { openStore } from "./open-store.js"
import { closeInOrder, createLog, endByHangup, logListening, serve, stopOnSignals } from "./run-tracker.js"
import { readMetricsOfAll, serveAsWorker, startWorkers } from "./workers.js"

/** Workers end themselves after 4 s, and those that hang are killed soon after: all of it within 5 s. */
const STOP_WORKERS_WITHIN_MS = 4_800

/** Runs `options.workers` processes on one port until SIGINT or SIGTERM. Rejects with a ConfigError. */
export async function runWorkers(options: RunOptions): Promise<void> {
  const log = createLog()
  // Looked at once, before the workers open it side by side: a damaged one is set aside only by one of them.
  if (options.store.kind === "disk") await (await openStore(options, log, false)).close()
  const workers = await startWorkers(options.workers, log, {
    onRefused: (sentence) => printError(`p2p-tracker: ${sentence}`),
  })
  if (typeof workers === "number") {
    process.exitCode = workers
    return
  }
  // Before the line is printed: a parent that waits for it may end the tracker at once.
  stopOnSignals(() => workers.close(), log, STOP_WORKERS_WITHIN_MS)
  logListening(workers.url, options, log)
}

/** Runs one of them, until the process that started it says so. */
export async function runWorker(options: RunOptions): Promise<void> {
  const log = createLog()
  const metrics = await createMetrics()
  await shareMetrics(metrics)
  const tracker = await serve(options, { metrics, readMetrics: () => readMetricsOfAll(), isChecked: true }, log)
  // A terminal sends them to every process of the program; the main process ends its workers by message.
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => {})
  let isHungUp = false
  process.on("SIGHUP", () => {
    isHungUp = true
  })
  serveAsWorker(tracker.url, () => {
    log.level = "warn"
    void closeInOrder(() => tracker.close(), log).finally(() =>
      isHungUp && hasTerminal() ? endByHangup() : process.disconnect(),
    )
  })
}
