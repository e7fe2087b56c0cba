import cluster, { type Worker } from "node:cluster"
import type { Logger } from "pino"
import { Refusal } from "../base/refusal.js"
import { createClusterMetrics, type Metrics, type MetricsText } from "../http/metrics.js"

/** What a worker and the process that started it say to each other. */
type ToWorker = { readonly type: "stop" } | { readonly type: "metrics"; readonly metrics: MetricsText | undefined }
type ToPrimary =
  | { readonly type: "listening"; readonly url: string }
  | { readonly type: "refused"; readonly sentence: string }
  | { readonly type: "read_metrics" }

const EXIT_FAILED = 1

/** Delay before a worker that ended is replaced, so that one that fails at once does not use up the machine. */
const REPLACE_AFTER_MS = 1_000

/** Until a worker listens; ours. It reads a store that was checked before, which takes seconds at most. */
const LISTEN_WITHIN_MS = 60_000

/** Time from the request to end until SIGKILL: a worker ends itself after 4 s, unless its thread hangs. */
const END_WITHIN_MS = 4_300

/** prom-client gives the workers 5 s to send their metrics. */
const METRICS_WITHIN_MS = 6_000

export interface WorkerOptions {
  /** For tests. */
  readonly listenWithinMs?: number
  readonly endWithinMs?: number
  /** Called with the reason why a worker can't run; once per reason, because all workers meet the same one. */
  readonly onRefused?: (sentence: string) => void
}

/** The processes that share one port of a tracker. */
export interface Workers {
  /** Where all of them listen. */
  readonly url: string
  /** Lets every worker end in order. May be called twice. */
  close(): Promise<void>
}

/**
 * Starts `count` processes of this same program and waits until all listen, 60 s at most. Returns the exit status of one that
 * ended before that, after calling `options.onRefused` with the reason. One that ends later is replaced.
 */
export async function startWorkers(count: number, log: Logger, options: WorkerOptions = {}): Promise<Workers | number> {
  const metrics = await createClusterMetrics()
  const passRefusal = oncePerSentence(options.onRefused ?? (() => {}))
  let closing = false
  const start = (): Worker => {
    const worker = cluster.fork()
    // What can't be sent to it, or why it could not be started. Without a listener it would end this process.
    worker.on("error", (error) => {
      log.error({ err: error, worker: worker.process.pid }, "a worker can't be started, or not be spoken to")
      if (worker.process.pid === undefined) replace()
    })
    answerMetrics(worker, metrics, log)
    worker.on("message", passRefusal)
    return worker
  }
  let isStarted = false
  const replace = () => {
    if (!isStarted || closing) return
    setTimeout(() => {
      if (closing) return
      try {
        start()
      } catch (error) {
        log.error({ err: error }, "a worker can't be started: trying again")
        replace()
      }
    }, REPLACE_AFTER_MS)
  }
  const close = () => {
    closing = true
    return endWorkers(log, options.endWithinMs ?? END_WITHIN_MS)
  }
  const listenWithinMs = options.listenWithinMs ?? LISTEN_WITHIN_MS
  const starting = Array.from({ length: count }, start)
  const urls = await Promise.all(starting.map((worker) => untilListening(worker, log, listenWithinMs)))
  const failed = urls.find((url) => typeof url === "number")
  if (failed !== undefined) {
    await close()
    return failed
  }
  isStarted = true
  cluster.on("exit", (worker, status, signal) => {
    if (closing) return
    log.error({ worker: worker.process.pid, status, signal }, "a worker ended and is replaced")
    replace()
  })
  return { url: String(urls[0]), close }
}

function oncePerSentence(tell: (sentence: string) => void): (message: ToPrimary) => void {
  const reported = new Set<string>()
  return (message) => {
    if (message.type !== "refused" || reported.has(message.sentence)) return
    reported.add(message.sentence)
    tell(message.sentence)
  }
}

/** Sends the main process the reason why this worker can't run; resolves when it is sent. */
export function refuseAsWorker(sentence: string): Promise<void> {
  const message: ToPrimary = { type: "refused", sentence }
  return new Promise((resolve) => {
    // A process that is gone has no use for it.
    if (process.send?.(message, undefined, {}, () => resolve()) === undefined) resolve()
  })
}

/** Answers a worker that is asked for the metrics of all. */
function answerMetrics(worker: Worker, metrics: Pick<Metrics, "read">, log: Logger): void {
  const answer = (text: MetricsText | undefined) => {
    if (worker.isConnected()) worker.send({ type: "metrics", metrics: text } satisfies ToWorker)
  }
  worker.on("message", (message: ToPrimary) => {
    if (message.type !== "read_metrics") return
    metrics.read().then(answer, (error: unknown) => {
      log.warn({ err: error }, "the workers' metrics could not be read")
      answer(undefined)
    })
  })
}

/** Ends all workers in order, and kills those that do not end. */
async function endWorkers(log: Logger, withinMs: number): Promise<void> {
  const running = Object.values(cluster.workers ?? {}).flatMap((worker) =>
    worker === undefined || worker.isDead() || worker.process.pid === undefined ? [] : [worker],
  )
  const ended = running.map((worker) => new Promise((resolve) => worker.once("exit", resolve)))
  for (const worker of running) if (worker.isConnected()) worker.send({ type: "stop" } satisfies ToWorker)
  const tooLate = setTimeout(() => {
    for (const worker of running) {
      if (worker.isDead()) continue
      log.error({ worker: worker.process.pid }, "a worker does not end: it is killed")
      worker.process.kill("SIGKILL")
    }
  }, withinMs)
  await Promise.all(ended)
  clearTimeout(tooLate)
}

/** Its URL, or its exit status when it ends before it listens. */
function untilListening(worker: Worker, log: Logger, withinMs: number): Promise<string | number> {
  return new Promise((resolve) => {
    const tooLate = setTimeout(() => {
      log.error({ worker: worker.process.pid }, "a worker does not come to listen: it is killed")
      worker.process.kill("SIGKILL")
    }, withinMs)
    const settle = (result: string | number) => {
      clearTimeout(tooLate)
      resolve(result)
    }
    worker.on("message", (message: ToPrimary) => {
      if (message.type === "listening") settle(message.url)
    })
    worker.once("exit", (status) => settle(status ?? EXIT_FAILED))
    // One that could not be started has no exit.
    worker.once("error", () => {
      if (worker.process.pid === undefined) settle(EXIT_FAILED)
    })
  })
}

/**
 * Reports to the main process that this worker listens; `stop` is called at its request. If it is gone, Node
 * ends its workers at once.
 */
export function serveAsWorker(url: string, stop: () => void): void {
  process.on("message", (message: ToWorker) => {
    if (message.type === "stop") stop()
  })
  process.send?.({ type: "listening", url } satisfies ToPrimary)
}

/** The way to the process that started this one: `process`, in a worker. */
export type Channel = Pick<NodeJS.Process, "on" | "removeListener"> & { send?(message: unknown): unknown }

let reading: Promise<MetricsText> | undefined

/**
 * The metrics of all workers, summed up by the main process. Concurrent requests get the same answer.
 * Rejects with a Refusal 503 when one of them hangs: a sum without it would pass for counters that were set back.
 */
export function readMetricsOfAll(channel: Channel = process, withinMs = METRICS_WITHIN_MS): Promise<MetricsText> {
  reading ??= askForMetrics(channel, withinMs).finally(() => {
    reading = undefined
  })
  return reading
}

async function askForMetrics(channel: Channel, withinMs: number): Promise<MetricsText> {
  const metrics = await new Promise<MetricsText | undefined>((resolve) => {
    const settle = (answer: MetricsText | undefined) => {
      clearTimeout(tooLate)
      channel.removeListener("message", onMessage)
      resolve(answer)
    }
    const onMessage = (message: ToWorker) => {
      if (message.type === "metrics") settle(message.metrics)
    }
    const tooLate = setTimeout(() => settle(undefined), withinMs)
    channel.on("message", onMessage)
    channel.send?.({ type: "read_metrics" } satisfies ToPrimary)
  })
  if (metrics !== undefined) return metrics
  throw new Refusal(503, "metrics_away", "a worker did not tell its metrics, try again", { "retry-after": "5" })
}
