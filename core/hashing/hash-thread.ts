import { Worker } from "node:worker_threads"
import { StoreError } from "../base/errors.js"
import { holdV8Defaults } from "../base/v8-flags.js"
import {
  type HashJob,
  type HashReply,
  type HashRequest,
  type HashResult,
  THREAD_READY,
  type ThreadMessage,
} from "./hash-jobs.js"

/**
 * While fewer bytes than these wait for a thread, it takes further parts and reads: each thread costs its start, and compiles the same functions
 * anew (measured: 10,000 files of 16 KiB need a tenth less CPU time this way). A millisecond of SHA-1 and writing. Our choice.
 */
const BUSY_BYTES = 1024 * 1024

interface Waiting {
  /** What the job counts for in `isBusy`. */
  readonly byteCount: number
  readonly resolve: (result: HashResult) => void
  readonly reject: (error: Error) => void
}

/** One worker thread: started by its first job, keeps the process alive only while a job runs. */
export class HashThread {
  #worker: Worker | undefined
  #nextId = 0
  readonly #waiting = new Map<number, Waiting>()
  #waitingBytes = 0
  readonly #idleListeners: (() => void)[] = []

  /** Jobs sent and not answered. */
  get load(): number {
    return this.#waiting.size
  }

  /** Whether another part or read would have to wait for long. */
  get isBusy(): boolean {
    return this.#waitingBytes >= BUSY_BYTES
  }

  /** Rejects with an Error that carries the errno `code` of a failed disk call, or StoreError "hasher_ended" when the thread died or could not be started. */
  run(job: HashJob): Promise<HashResult> {
    return new Promise((resolve, reject) => {
      const worker = this.#worker ?? this.#start()
      const request: HashRequest = { id: this.#nextId++, job }
      // Hashing a slice takes longer, and syncing or moving the files of a folder may take seconds.
      const byteCount = "length" in job ? job.length : BUSY_BYTES
      this.#waitingBytes += byteCount
      this.#waiting.set(request.id, { byteCount, resolve, reject })
      worker.ref()
      worker.postMessage(request)
    })
  }

  /** Ends the thread once its jobs are answered: a file that is being written must not lose its writer half way. */
  async close(): Promise<void> {
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => this.#idleListeners.push(resolve))
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }

  #start(): Worker {
    const letGo = holdV8Defaults()
    const worker = startWorker(letGo)
    worker.unref()
    worker.on("message", (message: ThreadMessage) => {
      if (message === THREAD_READY) letGo()
      else this.#onReply(worker, message)
    })
    worker.on("error", (error) => this.#onEnd(worker, error))
    worker.on("exit", (status) => {
      letGo()
      this.#onEnd(worker, new Error(`hash worker ended with status ${status}`))
    })
    this.#worker = worker
    return worker
  }

  #onReply(worker: Worker, reply: HashReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    this.#waitingBytes -= waiting?.byteCount ?? 0
    if ("failure" in reply) {
      const { code, message, path } = reply.failure
      waiting?.reject(Object.assign(new Error(message), { code, path }))
    } else waiting?.resolve(reply.result)
    if (this.#waiting.size === 0) this.#onIdle(worker)
  }

  /** A thread that died (out of memory, or a bug) fails its jobs; the next job starts another. */
  #onEnd(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    this.#waitingBytes = 0
    const failure = hasherEnded("has ended", error)
    for (const { reject } of waiting) reject(failure)
    this.#onIdle(worker)
  }

  #onIdle(worker: Worker): void {
    worker.unref()
    for (const listener of this.#idleListeners.splice(0)) listener()
  }
}

/** `onFailed` is called where the system has no thread left. */
function startWorker(onFailed: () => void): Worker {
  try {
    // No flags of the process's own command line: some (--input-type) make every worker fail.
    return new Worker(workerUrl(), { execArgv: [] })
  } catch (error) {
    onFailed()
    throw hasherEnded("can't be started", error)
  }
}

function hasherEnded(what: string, cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreError("hasher_ended", `a thread that hashes and writes ${what} (${reason})`, { cause })
}

/**
 * The compiled worker, also when this file itself runs from source (vitest): Node can't start a thread from TypeScript. The programs have it as
 * CommonJS, because a thread starts with a quarter less CPU without the loader of ES modules (measured).
 */
function workerUrl(): URL {
  if (import.meta.url.endsWith(".ts")) return new URL("../../dist/core/hashing/hash-worker.js", import.meta.url)
  const isBundled = !import.meta.url.endsWith("/hash-thread.js")
  return new URL(isBundled ? "./hash-worker.cjs" : "./hash-worker.js", import.meta.url)
}
