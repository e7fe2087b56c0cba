import { setImmediate } from "node:timers/promises"
import { expect } from "vitest"
import { P2pError } from "../base/errors.js"
import { createDisk, type Disk } from "../store/disk.js"
import type { DocumentStore } from "../store/document-store.js"
import { openDownload } from "../store/open-download.js"
import { FileSelection } from "../torrent/file-selection.js"
import { FakeClock } from "./fake-clock.js"
import { hasherOfThisThread } from "./hasher-of-this-thread.js"
import { seededRandom } from "./seeded-random.js"
import { SimulatedDisk } from "./simulated-disk.js"
import { mount, SIMULATED_FOLDER } from "./simulated-fs.js"
import { pick, type TrialDocument } from "./trial-document.js"

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
  readonly #document: TrialDocument
  readonly #all: readonly number[]
  /** Parts written by programs that ended or were killed, without a disk fault. */
  stored = new Set<number>()
  /** Parts that were there when a program came to an orderly end. */
  kept = new Set<number>()
  /** A call has failed since the power came back, so reads may differ from the platters. */
  isDoubtful = false
  /** Of the program that runs. */
  #clock = new FakeClock()
  /** Undefined: every file is wanted. */
  #selection: FileSelection | undefined

  constructor(seed: number, document: TrialDocument) {
    this.#document = document
    this.#all = document.parts.map((_, index) => index)
    this.random = seededRandom(seed)
    this.disk = new SimulatedDisk({ random: this.random })
    mount(this.disk)
  }

  /** Opens the download and checks the parts that it may believe and must not have lost. */
  async open(): Promise<Opened> {
    const { name, torrent, changesSelection } = this.#document
    const { names } = this.disk
    const isNamedAlone = names.includes(name) && !names.includes(`${name}.part`)
    if (isNamedAlone && !changesSelection)
      expect(this.#document.isWhole(this.disk, name), "what has its own name alone is whole").toBe(true)
    this.#clock = new FakeClock()
    const disk = createDisk({ hasher: hasherOfThisThread(this.disk), clock: this.#clock })
    const filePath = `${SIMULATED_FOLDER}/${name}`
    const store = await openDownload({ disk, torrent, filePath, selection: this.#selection })
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
    const wrong = this.#all.filter((index) => store.have.has(index) && !this.#holds(index, store.isGrowing))
    expect(wrong, "parts believed and not there").toEqual([])
    const lost = [...this.stored, ...this.kept].filter((index) => !store.have.has(index) && !doubtful.has(index))
    expect(lost, "parts stored and not found").toEqual([])
  }

  /** A program that fetches parts in any order and ends in any way. */
  async live(steps: number): Promise<void> {
    let opened: Opened | undefined
    try {
      this.#changeSelection()
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

  /** While no program runs, another one writes to an unfinished file, cuts it and lets it grow again, or restores an older copy. */
  tamper(): void {
    const { name, torrent } = this.#document
    const { names } = this.disk
    const target = pick(this.random, this.#document.filesOf(this.disk, `${name}.part`))
    if (target === undefined || names.includes(name)) return
    const bytes = this.disk.content(target) ?? Buffer.alloc(0)
    // A shorter file is not known to be the download's.
    if (torrent.files === undefined && bytes.length < torrent.sizeBytes) return
    const way = this.random()
    const at = Math.floor(this.random() * bytes.length)
    if (torrent.files !== undefined && way < 0.1) this.disk.delete(target)
    else if (torrent.files !== undefined && way < 0.2) this.disk.edit(target, (seen) => seen.subarray(0, at))
    else if (way < 0.4) this.disk.edit(target, (seen) => seen.fill(0xaa, at, Math.min(at + 64, seen.length)))
    else if (way < 0.7)
      this.disk.edit(target, (seen) => Buffer.concat([seen.subarray(0, at), Buffer.alloc(seen.length - at)]))
    else this.disk.replace(target, Buffer.from(bytes).fill(0, at))
    for (const found of [this.stored, this.kept])
      for (const index of found) if (!this.#holds(index, true)) found.delete(index)
  }

  /** Nothing fails any more: the download must end byte-exact, and stay so. */
  async finish(): Promise<void> {
    this.#selection = undefined
    const opened = await this.open()
    const { store, looking } = opened
    await looking
    if (store.isGrowing) {
      await Promise.all(this.#all.map((index) => store.put(index, this.#part(index))))
      await store.complete()
    }
    await this.#leave(opened)
    await this.next("power cut")
    const again = await this.open()
    expect(again.store.isGrowing).toBe(false)
    await this.#leave(again)
    const { name } = this.#document
    expect(this.#document.isWhole(this.disk, name)).toBe(true)
    // Drafts of killed programs are found by notes that the client keeps, not the store.
    const others = this.disk.names.filter((path) => path !== name && !path.startsWith(`${name}/`))
    expect(others.filter((path) => !path.endsWith(".tmp"))).toEqual([])
  }

  async #step({ store, doubtful, looking }: Opened): Promise<void> {
    if (this.#changeSelection()) {
      await store.select(this.#selection)
      this.#expectTrue(store, doubtful)
    }
    const isWanted = (index: number) => store.wanted?.has(index) !== false
    const missing = this.#all.filter((index) => isWanted(index) && !store.have.has(index) && !doubtful.has(index))
    if (missing.length === 0) await looking
    if (store.isComplete) return store.complete()
    const wanted = missing.filter(() => this.random() < 0.4)
    const stores = Promise.allSettled(
      wanted.map(async (index) => {
        await store.put(index, this.#part(index))
        this.stored.add(index)
      }),
    )
    if (this.random() < 0.4) await this.#clock.pass(CHECKPOINT_MS)
    if (this.random() < 0.3) await this.#read(store)
    for (const outcome of await stores) if (outcome.status === "rejected") throw outcome.reason
  }

  /** A part that can't be read is lost to the store, and fetched again; so it may be lost if that fails. */
  async #read(store: DocumentStore): Promise<void> {
    const index = Math.floor(this.random() * this.#all.length)
    if (!store.have.has(index)) return
    try {
      const { bytes, release } = await store.read(index, 0, this.#part(index).length)
      expect(Buffer.compare(bytes, this.#part(index))).toBe(0)
      release()
    } catch (error) {
      for (const found of [this.stored, this.kept]) found.delete(index)
      this.#expectTyped(error)
    }
  }

  async #leave({ store, disk }: Opened): Promise<void> {
    await store.close()
    await disk.close()
    // A program that is cut off in its very last call can't know it.
    if (this.disk.isRunning && !this.isDoubtful && this.disk.faultCount === 0)
      for (const index of this.#all) if (store.have.has(index)) this.kept.add(index)
    expect(this.disk.openCount).toBe(0)
  }

  async #discard({ store, disk }: Opened): Promise<void> {
    if (!store.isGrowing) return
    this.stored = new Set()
    this.kept = new Set()
    await store.discard()
    await disk.close()
  }

  /** Other files are wanted, as chance will have it: whether they are. */
  #changeSelection(): boolean {
    const { changesSelection, torrent } = this.#document
    const { files } = torrent
    if (!changesSelection || files === undefined || this.random() < 0.6) return false
    const wanted = new Set<number>()
    for (let index = 0; index < files.entryCount; index++)
      if (!files.isPadding(index) && this.random() < 0.5) wanted.add(index)
    const isAll = wanted.size === 0 || this.random() < 0.25
    this.#selection = isAll ? undefined : new FileSelection(files, (index) => wanted.has(index))
    return true
  }

  #part(index: number): Buffer {
    return this.#document.parts[index] ?? Buffer.alloc(0)
  }

  #holds(index: number, isGrowing: boolean): boolean {
    const { name } = this.#document
    return this.#document.holds(this.disk, isGrowing ? `${name}.part` : name, index)
  }

  /** A disk fault must reach the client as a StoreError. */
  #expectTyped(error: unknown): void {
    if (!this.disk.isRunning) return
    if (!(error instanceof P2pError)) throw error
  }
}

/** All work on the simulated disk has ended; a lock reads the real /proc. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setImmediate()
}
