import type { JobSnapshot } from "../api/snapshot.js"
import type { Clock } from "../base/clock.js"
import { CommandError } from "../base/errors.js"
import { RateMeter } from "../swarm/index.js"

interface Job {
  readonly name: string
  readonly filePath: string
  readonly rate: RateMeter
  readonly cancelling: AbortController
  readonly onPause: (isPaused: boolean) => void
  progress: JobProgress
  isPaused: boolean
  /** Called when it is not paused any more. */
  readonly held: (() => void)[]
}

/** How far a job is. */
export interface JobProgress {
  readonly doneBytes: number
  readonly totalBytes: number
  /** Of a folder. */
  readonly doneFiles?: number
  readonly totalFiles?: number
}

/** How the work reports its progress to its job. */
export interface JobHandle {
  /** Aborted with CommandError "interrupted" by `cancel`. */
  readonly signal: AbortSignal
  /** Bytes hashed so far. */
  readonly progress: (progress: JobProgress) => void
  /** Resolves at once, of a paused job when it goes on or `signal` is aborted. */
  readonly untilOn: (signal: AbortSignal) => Promise<void>
  end(): void
}

export interface JobOptions {
  readonly isPaused?: boolean
  readonly onPause?: (isPaused: boolean) => void
}

/** Long work without transfer, for the screen: name, progress and rate of the hashing for an upload. */
export class UploadJobs {
  readonly #clock: Clock
  readonly #changed: () => void
  readonly #jobs = new Map<string, Job>()
  #nextId = 1

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
  }

  /** Shows a job until `end` is called. */
  begin(name: string, filePath: string, { isPaused = false, onPause = () => undefined }: JobOptions = {}): JobHandle {
    const id = `hashing-${this.#nextId++}`
    const job: Job = {
      ...{ name, filePath, rate: new RateMeter(this.#clock.now()), cancelling: new AbortController(), onPause },
      ...{ progress: { doneBytes: 0, totalBytes: 0 }, isPaused, held: [] },
    }
    this.#jobs.set(id, job)
    this.#changed()
    return {
      signal: job.cancelling.signal,
      progress: (progress) => {
        job.rate.add(progress.doneBytes - job.progress.doneBytes)
        job.rate.sample(this.#clock.now())
        job.progress = progress
        this.#changed()
      },
      untilOn: (signal) => untilOn(job, signal),
      end: () => {
        this.#jobs.delete(id)
        this.#changed()
      },
    }
  }

  /** @throws CommandError "no_such_document". */
  cancel(id: string): void {
    const job = this.#jobs.get(id)
    if (job === undefined) throw new CommandError("no_such_document", `no upload is hashed under the id ${id}`)
    job.cancelling.abort(new CommandError("interrupted", `hashing of ${job.name} was cancelled: it is not shared`))
  }

  /** False when there is no job of this id. A paused one keeps what it has hashed as long as the client runs. */
  pause(id: string, isPaused: boolean): boolean {
    const job = this.#jobs.get(id)
    if (job === undefined) return false
    if (job.isPaused === isPaused) return true
    job.isPaused = isPaused
    job.onPause(isPaused)
    if (!isPaused) for (const goOn of job.held.splice(0)) goOn()
    this.#changed()
    return true
  }

  snapshot(): JobSnapshot[] {
    return [...this.#jobs].map(([id, { name, filePath, progress, rate, isPaused }]) => ({
      id,
      kind: "hashing",
      name,
      filePath,
      ...progress,
      bytesPerSecond: isPaused ? 0 : rate.bytesPerSecond,
      ...(isPaused && { isPaused }),
    }))
  }
}

function untilOn(job: Job, signal: AbortSignal): Promise<void> {
  if (!job.isPaused || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    job.held.push(resolve)
    signal.addEventListener("abort", () => resolve(), { once: true })
  })
}
