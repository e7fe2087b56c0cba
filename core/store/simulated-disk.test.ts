import { createHash, randomBytes } from "node:crypto"
import { setImmediate } from "node:timers/promises"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { P2pError } from "../base/errors.js"
import { FolderStats } from "../hashing/folder-stats.js"
import { JobKind } from "../hashing/hash-jobs.js"
import type { Hasher } from "../hashing/hasher.js"
import { runHashJob } from "../hashing/run-hash-job.js"
import { seededRandom } from "../testing/seeded-random.js"
import { type DiskCall, SimulatedDisk } from "../testing/simulated-disk.js"
import { mount, SIMULATED_FOLDER } from "../testing/simulated-fs.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { createDisk, type Disk } from "./disk.js"
import type { DocumentStore } from "./document-store.js"
import { openDownload } from "./open-download.js"

vi.mock("node:fs", async (real) => (await import("../testing/simulated-fs.js")).simulatedFs(await real()))
vi.mock("node:fs/promises", async (real) =>
  (await import("../testing/simulated-fs.js")).simulatedFsPromises(await real()),
)

// Who holds a lock is proved by the kernel, which is not simulated: lock.test.ts is about that.
vi.mock("./lock.js", () => {
  const nothing = async () => undefined
  const acquireLock = async () => ({ lost: new AbortController().signal, confirm: nothing, release: nothing })
  return { acquireLock }
})

const PART_SIZE = 1_000
const PART_COUNT = 12
const content = randomBytes(PART_SIZE * PART_COUNT - 300)
const part = (index: number) => content.subarray(index * PART_SIZE, (index + 1) * PART_SIZE)
const allParts = Array.from({ length: PART_COUNT }, (_, index) => index)
const torrent: Torrent = {
  hash: "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90",
  sizeBytes: content.length,
  partSizeBytes: PART_SIZE,
  partDigests: Buffer.concat(allParts.map((index) => createHash("sha1").update(part(index)).digest())),
  name: undefined,
  secret: undefined,
}

/** Longer than a checkpoint is put off. */
const CHECKPOINT_MS = 2_000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** What a program has of a download. */
interface Opened {
  readonly store: DocumentStore
  readonly disk: Disk
  /** Parts that may be there: they are being hashed, and nobody fetches them before. */
  readonly doubtful: Set<number>
  /** Settles when none is left. */
  readonly looking: Promise<void>
}

/** One disk, the programs that use it one after the other, and what they may rely on. */
class Trial {
  readonly random: () => number
  readonly disk: SimulatedDisk
  /** Parts that were told to be stored by programs that lived on or were killed, and whose disk did not fail. */
  stored = new Set<number>()
  /** Parts that were there when a program came to an orderly end. */
  kept = new Set<number>()
  /** A call failed since the power came, so what is seen may not be what is on the platters. */
  isDoubtful = false

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.disk = new SimulatedDisk({ random: this.random })
    mount(this.disk)
  }

  /** Opens the download and holds it to what it may believe and must not have lost. */
  async open(): Promise<Opened> {
    const named = this.disk.names.includes("file.bin.part") ? undefined : this.disk.content("file.bin")
    expect(named?.equals(content) ?? true, "a file with its own name alone is whole").toBe(true)
    const disk = createDisk({ hasher: hasherOfThisThread(this.disk) })
    const store = await openDownload({ disk, torrent, filePath: `${SIMULATED_FOLDER}/file.bin` })
    const doubtful = new Set(store.doubtful)
    this.#expectTrue(store, doubtful)
    const looking = store.checkDoubtful((index) => {
      doubtful.delete(index)
      this.#expectTrue(store, doubtful)
    })
    // Who is closed or cut off meanwhile does not wait for it.
    looking.catch(() => undefined)
    return { store, disk, doubtful, looking }
  }

  #expectTrue(store: DocumentStore, doubtful: ReadonlySet<number>): void {
    const onDisk = this.disk.content(store.isGrowing ? "file.bin.part" : "file.bin")
    const wrong = allParts.filter((index) => store.have.has(index) && !holdsPart(onDisk, index))
    expect(wrong, "parts believed and not there").toEqual([])
    const lost = [...this.stored, ...this.kept].filter((index) => !store.have.has(index) && !doubtful.has(index))
    expect(lost, "parts stored and not found").toEqual([])
  }

  /** A program that fetches parts in any order and comes to any end. */
  async live(steps: number): Promise<void> {
    let opened: Opened | undefined
    try {
      opened = await this.open()
      const { store, looking } = opened
      if (this.random() < 0.5) await looking
      for (let step = 0; step < steps && store.isGrowing; step++) await this.#step(opened)
      const fate = this.random()
      if (fate < 0.4) await this.#leave(opened)
      else if (fate < 0.6) await this.#discard(opened)
    } catch (error) {
      this.#expectTyped(error)
      await opened?.store.close().catch((closing: unknown) => this.#expectTyped(closing))
    }
  }

  /** The power comes back or the next program is started, after whatever end this one came to. */
  async next(by: "kill" | "power cut"): Promise<void> {
    this.disk.stop(by)
    await settled()
    vi.clearAllTimers()
    this.isDoubtful = by !== "power cut" && (this.isDoubtful || this.disk.faultCount > 0)
    // What a failed sync was about may be fetched again: the store can't know what became of it.
    if (by === "power cut" || this.isDoubtful) this.stored = new Set()
    this.disk.start()
  }

  /** While nobody runs, somebody else writes to the unfinished file, cuts it and lets it grow again, or puts an older copy back. */
  tamper(): void {
    const name = "file.bin.part"
    const bytes = this.disk.content(name)
    if (bytes === undefined || this.disk.names.includes("file.bin") || bytes.length < content.length) return
    const way = this.random()
    const at = Math.floor(this.random() * bytes.length)
    if (way < 0.4) this.disk.edit(name, (seen) => seen.fill(0xaa, at, Math.min(at + 64, seen.length)))
    else if (way < 0.7)
      this.disk.edit(name, (seen) => Buffer.concat([seen.subarray(0, at), Buffer.alloc(seen.length - at)]))
    else this.disk.replace(name, Buffer.from(bytes).fill(0, at))
    const after = this.disk.content(name)
    for (const found of [this.stored, this.kept])
      for (const index of found) if (!holdsPart(after, index)) found.delete(index)
  }

  /** Nothing fails any more: the download must end byte-exact, and stay so. */
  async finish(): Promise<void> {
    const opened = await this.open()
    const { store, looking } = opened
    await looking
    if (store.isGrowing) {
      await Promise.all(allParts.map((index) => store.put(index, part(index))))
      await store.complete()
    }
    await this.#leave(opened)
    await this.next("power cut")
    const again = await this.open()
    expect(again.store.isGrowing).toBe(false)
    await this.#leave(again)
    expect(this.disk.content("file.bin")?.equals(content)).toBe(true)
    expect(this.disk.names).not.toContain("file.bin.part")
    expect(this.disk.names).not.toContain("file.bin.part.resume")
  }

  async #step({ store, doubtful, looking }: Opened): Promise<void> {
    const missing = allParts.filter((index) => !store.have.has(index) && !doubtful.has(index))
    if (missing.length === 0) await looking
    if (store.have.isFull) return store.complete()
    const wanted = missing.filter(() => this.random() < 0.4)
    const stores = Promise.allSettled(
      wanted.map(async (index) => {
        await store.put(index, part(index))
        this.stored.add(index)
      }),
    )
    if (this.random() < 0.4) await vi.advanceTimersByTimeAsync(CHECKPOINT_MS)
    for (const outcome of await stores) if (outcome.status === "rejected") throw outcome.reason
  }

  async #leave({ store, disk }: Opened): Promise<void> {
    await store.close()
    await disk.close()
    // A program that is cut off in its very last call can't know it.
    if (this.disk.isRunning && !this.isDoubtful && this.disk.faultCount === 0)
      for (const index of allParts) if (store.have.has(index)) this.kept.add(index)
    expect(this.disk.openCount).toBe(0)
  }

  async #discard({ store, disk }: Opened): Promise<void> {
    if (!store.isGrowing) return
    this.stored = new Set()
    this.kept = new Set()
    await store.discard()
    await disk.close()
  }

  /** A disk that fails is told of in the one way that clients react to. */
  #expectTyped(error: unknown): void {
    if (!this.disk.isRunning) return
    if (!(error instanceof P2pError)) throw error
  }
}

function holdsPart(bytes: Buffer | undefined, index: number): boolean {
  return (
    bytes
      ?.subarray(index * PART_SIZE)
      .subarray(0, part(index).length)
      .equals(part(index)) === true
  )
}

/** Does as the threads do, in the same order of calls. */
function hasherOfThisThread(disk: SimulatedDisk): Hasher {
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
      return new FolderStats(new Float64Array(Uint8Array.from(bytes).buffer))
    },
    syncFiles: async (files) => {
      await disk.pause()
      runHashJob({ kind: JobKind.syncFiles, ...files })
    },
    close: async () => undefined,
  }
}

/** Everything that runs on the simulated disk has come to its end; a lock looks into the real /proc. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate()
}

const anySeed = () => Math.floor(Math.random() * 2 ** 32)

/** Says with which seed a trial went wrong. */
async function trial(seed: number, run: (trial: Trial) => Promise<void>): Promise<void> {
  try {
    await run(new Trial(seed))
  } catch (error) {
    throw new Error(`seed ${seed}`, { cause: error })
  }
}

describe("a download on a disk that forgets what was not synced [hostile 14]", () => {
  it.each(["kill", "power cut"] as const)("survives a %s at every single call", async (by) => {
    const seed = anySeed()
    let ended = true
    for (let atCall = 1; ended; atCall++)
      await trial(seed + atCall, async (trial) => {
        trial.disk.end = { atCall, by }
        await trial.live(8)
        ended = !trial.disk.isRunning
        await trial.next(by)
        await trial.finish()
      })
  })

  it("survives one end after the other", async () => {
    const seed = anySeed()
    for (let run = 0; run < 150; run++)
      await trial(seed + run, async (trial) => {
        for (let lives = 1 + Math.floor(trial.random() * 4); lives > 0; lives--) {
          const by = trial.random() < 0.5 ? "kill" : "power cut"
          trial.disk.end = { atCall: 1 + Math.floor(trial.random() * 120), by }
          await trial.live(6)
          await trial.next(by)
        }
        await trial.finish()
      })
  })
})

describe("a download whose file somebody else writes to while nobody runs", () => {
  it("believes no part that is not there, and ends byte-exact [A4]", async () => {
    const seed = anySeed()
    for (let run = 0; run < 150; run++)
      await trial(seed + run, async (trial) => {
        for (let lives = 1 + Math.floor(trial.random() * 4); lives > 0; lives--) {
          await trial.live(6)
          await trial.next(trial.random() < 0.7 ? "kill" : "power cut")
          trial.tamper()
        }
        await trial.finish()
      })
  })
})

describe("a download on a disk that fails", () => {
  it.each<DiskCall>(["open", "read", "write", "resize", "sync", "name"])(
    "survives a failed %s at any time",
    async (failing) => {
      const seed = anySeed()
      for (let run = 0; run < 60; run++)
        await trial(seed + run, async (trial) => {
          for (let lives = 3; lives > 0; lives--) {
            const rate = 0.3 * trial.random()
            trial.disk.fault = (call) => (call === failing && trial.random() < rate ? "EIO" : undefined)
            await trial.live(6)
            await trial.next(trial.random() < 0.5 ? "kill" : "power cut")
          }
          await trial.finish()
        })
    },
  )

  it("goes on byte-exact once a full disk has room again", async () => {
    const seed = anySeed()
    for (let run = 0; run < 60; run++)
      await trial(seed + run, async (trial) => {
        const { disk } = trial
        const enough = disk.pageCount
        // Less than the file and its record need.
        disk.pageCount = Math.floor(trial.random() * 8)
        await trial.live(6)
        disk.pageCount = enough
        await trial.next(trial.random() < 0.5 ? "kill" : "power cut")
        await trial.finish()
      })
  })
})
