import cluster, { type Worker } from "node:cluster"
import { once } from "node:events"
import type { Logger } from "pino"
import { createClusterMetrics, type MetricsText } from "./metrics.js"

/** What a worker and the process that started it say to each other. */
type ToWorker = { readonly type: "stop" } | { readonly type: "metrics"; readonly metrics: MetricsText | undefined }
type ToPrimary = { readonly type: "listening"; readonly url: string } | { readonly type: "read_metrics" }

/** A worker that ended is replaced after so long, so that one that can't live does not take the machine. */
const REPLACE_AFTER_MS = 1_000

/** The processes that share one port of a tracker. */
export interface Workers {
  /** Where all of them listen. */
  readonly url: string
  /** Lets every worker end in order. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts `count` processes of this same program and waits until all listen. Returns the exit status of one that ended
 * before: it said why itself. One that ends later is replaced.
 */
export async function startWorkers(count: number, log: Logger): Promise<Workers | number> {
  const metrics = await createClusterMetrics()
  let closing = false
  const start = (): Worker => {
    const worker = cluster.fork()
    worker.on("message", (message: ToPrimary) => {
      if (message.type !== "read_metrics") return
      const answer = (text: MetricsText | undefined) => {
        if (worker.isConnected()) worker.send({ type: "metrics", metrics: text } satisfies ToWorker)
      }
      metrics.read().then(answer, (error: unknown) => {
        log.warn({ err: error }, "the workers' metrics could not be read")
        answer(undefined)
      })
    })
    return worker
  }
  const starting = Array.from({ length: count }, start)
  const close = async () => {
    closing = true
    const running = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
    const ended = running.filter((worker) => !worker.isDead()).map((worker) => once(worker, "exit"))
    for (const worker of running) if (worker.isConnected()) worker.send({ type: "stop" } satisfies ToWorker)
    await Promise.all(ended)
  }
  const urls = await Promise.all(starting.map(untilListening))
  const failed = urls.find((url) => typeof url === "number")
  if (failed !== undefined) {
    await close()
    return failed
  }
  cluster.on("exit", (worker, status, signal) => {
    if (closing) return
    log.error({ worker: worker.process.pid, status, signal }, "a worker ended and is replaced")
    setTimeout(() => {
      if (!closing) start()
    }, REPLACE_AFTER_MS)
  })
  return { url: String(urls[0]), close }
}

/** Its URL, or its exit status when it ends before it listens. */
function untilListening(worker: Worker): Promise<string | number> {
  return new Promise((resolve) => {
    worker.on("message", (message: ToPrimary) => {
      if (message.type === "listening") resolve(message.url)
    })
    worker.once("exit", (status) => resolve(status ?? 1))
  })
}

/**
 * Tells the process that started this worker that it listens; `stop` is called when it says so. Should it be gone, Node
 * ends its workers at once.
 */
export function serveAsWorker(url: string, stop: () => void): void {
  process.on("message", (message: ToWorker) => {
    if (message.type === "stop") stop()
  })
  process.send?.({ type: "listening", url } satisfies ToPrimary)
}

/** The metrics of all workers, as the process that started this one sums them up. */
export async function readMetricsOfAll(): Promise<MetricsText> {
  const answer = new Promise<MetricsText | undefined>((resolve) => {
    const onMessage = (message: ToWorker) => {
      if (message.type !== "metrics") return
      process.removeListener("message", onMessage)
      resolve(message.metrics)
    }
    process.on("message", onMessage)
  })
  process.send?.({ type: "read_metrics" } satisfies ToPrimary)
  const metrics = await answer
  if (metrics === undefined) throw new Error("a worker did not tell its metrics")
  return metrics
}
