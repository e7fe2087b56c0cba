import { type Clock, systemClock } from "../base/clock.js"
import { createHasher, type Hasher } from "../hashing/hasher.js"
import { type DiskCalls, systemCalls } from "./disk-calls.js"
import { FilePool } from "./file-pool.js"
import { PartBuffers } from "./part-buffers.js"
import { ReadCache } from "./read-cache.js"

/** What all documents of a client share of the disk: threads, open files and memory, each with its cap. */
export interface Disk {
  readonly hasher: Hasher
  readonly files: FilePool
  readonly cache: ReadCache
  readonly buffers: PartBuffers
  readonly clock: Clock
  readonly calls: DiskCalls
  /** A number that no other store of this disk has; it picks the thread that writes the document. */
  nextLane(): number
  /** Ends the threads and closes the files; close the stores first. May be called twice. */
  close(): Promise<void>
}

export function createDisk(parts: Partial<Omit<Disk, "nextLane" | "close">> = {}): Disk {
  const hasher = parts.hasher ?? createHasher()
  const files = parts.files ?? new FilePool()
  let lanes = 0
  return {
    hasher,
    files,
    cache: parts.cache ?? new ReadCache(),
    buffers: parts.buffers ?? new PartBuffers(),
    clock: parts.clock ?? systemClock,
    calls: parts.calls ?? systemCalls,
    nextLane: () => lanes++,
    close: async () => {
      await hasher.close()
      await files.close()
    },
  }
}
