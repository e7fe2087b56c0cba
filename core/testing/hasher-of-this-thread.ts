import { FolderStats } from "../hashing/folder-stats.js"
import { JobKind } from "../hashing/hash-jobs.js"
import type { Hasher } from "../hashing/hasher.js"
import { runHashJob } from "../hashing/run-hash-job.js"
import type { SimulatedDisk } from "./simulated-disk.js"

/** Does as the threads do, in the same order of calls. */
export function hasherOfThisThread(disk: Pick<SimulatedDisk, "pause">): Hasher {
  return {
    threads: 2,
    verifyAndWrite: async ({ bytes, mark, ...write }) => {
      await disk.pause()
      const memory = new SharedArrayBuffer(bytes.length)
      new Uint8Array(memory).set(bytes)
      const job = { kind: JobKind.verifyAndWrite, memory, memoryOffset: 0, length: bytes.length, mark, ...write }
      return runHashJob(job) === true
    },
    hashParts: async (range) => {
      await disk.pause()
      const digests = runHashJob({ kind: JobKind.hashParts, ...range })
      if (typeof digests === "boolean") throw new TypeError("another job's answer")
      return digests
    },
    folderStats: async (files) => {
      await disk.pause()
      const bytes = runHashJob({ kind: JobKind.folderStamp, ...files })
      if (typeof bytes === "boolean") throw new TypeError("another job's answer")
      return FolderStats.from(bytes)
    },
    readFiles: async (files, target) => {
      await disk.pause()
      const memory = new SharedArrayBuffer(target.length)
      const seen = runHashJob({ kind: JobKind.readFiles, files, memory, memoryOffset: 0, length: target.length })
      target.set(new Uint8Array(memory))
      return typeof seen === "boolean" ? undefined : FolderStats.from(seen)
    },
    syncFiles: async (files) => {
      await disk.pause()
      runHashJob({ kind: JobKind.syncFiles, ...files })
    },
    draftFiles: async (files) => {
      await disk.pause()
      runHashJob({ kind: JobKind.draftFiles, ...files })
    },
    placeFiles: async (files) => {
      await disk.pause()
      runHashJob({ kind: JobKind.placeFiles, ...files })
    },
    close: async () => undefined,
  }
}
