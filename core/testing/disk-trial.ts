import { createHash, randomBytes } from "node:crypto"
import { setImmediate } from "node:timers/promises"
import { expect } from "vitest"
import { P2pError } from "../base/errors.js"
import { createDisk, type Disk } from "../store/disk.js"
import type { DocumentStore } from "../store/document-store.js"
import { openDownload } from "../store/open-download.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { FakeClock } from "./fake-clock.js"
import { hasherOfThisThread } from "./hasher-of-this-thread.js"
import { seededRandom } from "./seeded-random.js"
import { SimulatedDisk } from "./simulated-disk.js"
import { mount, SIMULATED_FOLDER } from "./simulated-fs.js"

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

/** A program's state of a download. */
interface Opened {
  readonly store: DocumentStore
  readonly disk: Disk
  /** Parts that may be on disk: they are being hashed, and not fetched before. */
  readonly doubtful: Set<number>
  /** Settles when none is left. */
  readonly looking: Promise<void>
}

/** One disk, the programs that use it one after the other, and the guarantees that they rely on. */
export class DiskTrial {
  readonly random: () => number
  readonly disk: SimulatedDisk
  /** Parts written by programs that ended or were killed, without a disk fault. */
  stored = new Set<number>()
  /** Parts that were there when a program came to an orderly end. */
  kept = new Set<number>()
  /** A call has failed since the power came back, so reads may differ from the platters. */
  isDoubtful = false
  /** Of the program that runs. */
  #clock = new FakeClock()

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.disk = new SimulatedDisk({ random: this.random })
    mount(this.disk)
  }

  /** Opens the download and checks the parts that it may believe and must not have lost. */
  async open(): Promise<Opened> {
    const named = this.disk.names.includes("file.bin.part") ? undefined : this.disk.content("file.bin")
    expect(named?.equals(content) ?? true, "a file with its own name alone is whole").toBe(true)
    this.#clock = new FakeClock()
    const disk = createDisk({ hasher: hasherOfThisThread(this.disk), clock: this.#clock })
    const store = await openDownload({ disk, torrent, filePath: `${SIMULATED_FOLDER}/file.bin` })
    const doubtful = new Set(store.doubtful)
    this.#expectTrue(store, doubtful)
    const looking = store.checkDoubtful((index) => {
      doubtful.delete(index)
      this.#expectTrue(store, doubtful)
    })
    // A store that is closed or cut off meanwhile does not wait for the hashing.
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

  /** A program that fetches parts in any order and ends in any way. */
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
    this.isDoubtful = by !== "power cut" && (this.isDoubtful || this.disk.faultCount > 0)
    // Parts of a failed sync may be fetched again: the store can't know their state on disk.
    if (by === "power cut" || this.isDoubtful) this.stored = new Set()
    this.disk.start()
  }

  /** While no program runs, another one writes to the unfinished file, cuts it and lets it grow again, or restores an older copy. */
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
    if (this.random() < 0.4) await this.#clock.pass(CHECKPOINT_MS)
    if (this.random() < 0.3) await this.#read(store)
    for (const outcome of await stores) if (outcome.status === "rejected") throw outcome.reason
  }

  /** A part that can't be read is lost to the store, and fetched again. */
  async #read(store: DocumentStore): Promise<void> {
    const index = Math.floor(this.random() * PART_COUNT)
    if (!store.have.has(index)) return
    try {
      const { bytes, release } = await store.read(index, 0, part(index).length)
      expect(Buffer.compare(bytes, part(index))).toBe(0)
      release()
    } catch (error) {
      this.#expectTyped(error)
    }
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

  /** A disk fault must reach the client as a StoreError. */
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

/** All work on the simulated disk has ended; a lock reads the real /proc. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate()
}
