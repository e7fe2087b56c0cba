import { parentPort } from "node:worker_threads"
import { errnoOf } from "../base/errors.js"
import { type HashJob, type HashReply, type HashRequest, THREAD_READY, type ThreadMessage } from "./hash-jobs.js"
import { runHashJob } from "./run-hash-job.js"

/**
 * A worker thread: SHA-1 and the disk calls around it, synchronous because it has a thread to itself. File descriptors
 * belong to the process, so it uses those that the main thread opened; the main thread closes none while a job runs.
 */
const port = parentPort
if (!port) throw new Error("hash-worker runs as a worker thread only")

port.on("message", ({ id, job }: HashRequest) => tell(answer(id, job)))
tell(THREAD_READY)

function tell(message: ThreadMessage): void {
  port?.postMessage(message)
}

function answer(id: number, job: HashJob): HashReply {
  try {
    return { id, result: runHashJob(job) }
  } catch (error) {
    // An Error loses its errno code when it is cloned to the other thread, so it travels as plain fields.
    const message = error instanceof Error ? error.message : String(error)
    const path = error instanceof Error && "path" in error && typeof error.path === "string" ? error.path : undefined
    return { id, failure: { code: errnoOf(error), message, path } }
  }
}
