import type { JobSnapshot } from "../api/snapshot.js"
import type { Clock } from "../base/clock.js"
import { CommandError } from "../base/errors.js"
import { RateMeter } from "../swarm/index.js"

interface Job {
  readonly name: string
  readonly rate: RateMeter
  readonly cancelling: AbortController
  progress: JobProgress
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
  end(): void
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
  begin(name: string): JobHandle {
    const id = `hashing-${this.#nextId++}`
    const rate = new RateMeter(this.#clock.now())
    const job: Job = { name, rate, cancelling: new AbortController(), progress: { doneBytes: 0, totalBytes: 0 } }
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

  snapshot(): JobSnapshot[] {
    return [...this.#jobs].map(([id, { name, progress, rate }]) => ({
      id,
      kind: "hashing",
      name,
      ...progress,
      bytesPerSecond: rate.bytesPerSecond,
    }))
  }
}
