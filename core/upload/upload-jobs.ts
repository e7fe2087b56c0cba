import type { JobSnapshot } from "../api/snapshot.js"
import type { Clock } from "../base/clock.js"
import { RateMeter } from "../swarm/index.js"

/** Long work that is no transfer, for the screen: what is hashed for an upload, how far it is, and how fast. */
export class UploadJobs {
  readonly #clock: Clock
  readonly #changed: () => void
  readonly #jobs = new Map<number, { name: string; doneBytes: number; totalBytes: number; rate: RateMeter }>()
  #nextId = 1

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
  }

  /** Shows a job until `end` is called. `progress` takes the bytes done so far. */
  begin(name: string): { progress(doneBytes: number, totalBytes: number): void; end(): void } {
    const id = this.#nextId++
    const job = { name, doneBytes: 0, totalBytes: 0, rate: new RateMeter(this.#clock.now()) }
    this.#jobs.set(id, job)
    this.#changed()
    return {
      progress: (doneBytes, totalBytes) => {
        job.rate.add(doneBytes - job.doneBytes)
        job.rate.sample(this.#clock.now())
        job.doneBytes = doneBytes
        job.totalBytes = totalBytes
        this.#changed()
      },
      end: () => {
        this.#jobs.delete(id)
        this.#changed()
      },
    }
  }

  snapshot(): JobSnapshot[] {
    return [...this.#jobs].map(([id, { name, doneBytes, totalBytes, rate }]) => ({
      id,
      kind: "hashing",
      name,
      doneBytes,
      totalBytes,
      bytesPerSecond: rate.bytesPerSecond,
    }))
  }
}
