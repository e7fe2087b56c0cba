import type { Random } from "../base/clock.js"
import { PAGE_BYTES, SimulatedInode } from "./simulated-inode.js"

/** A program's calls to the disk, as named in faults. */
export type DiskCall = "open" | "read" | "write" | "resize" | "sync" | "name"

export interface SimulatedDiskOptions {
  readonly random: Random
  /** Pages there are for all files. */
  readonly pageCount?: number
}

interface OpenFile {
  /** Undefined: the folder itself. */
  readonly inode: SimulatedInode | undefined
}

/** A descriptor of this disk is never one of the real system. */
const FIRST_DESCRIPTOR = 1_000_000

/**
 * A disk with one folder, as unreliable as POSIX allows: until a file is synced, any of its writes may be lost, be torn or reach the
 * platters in another order; until the folder is synced, any name may still refer to its former file. It can fail and be full.
 * `core/testing/simulated-fs.ts` puts it behind node:fs.
 */
export class SimulatedDisk {
  /** What may go wrong with a call: an errno to fail it with. */
  fault: (call: DiskCall) => string | undefined = () => undefined
  /** How the program ends, and at which of its calls, counted from 1. */
  end: { readonly atCall: number; readonly by: "kill" | "power cut" } | undefined
  pageCount: number
  /** Calls that failed since the start. */
  faultCount = 0
  /** Calls since the start. */
  callCount = 0
  /** False from the program's end until the next start. */
  isRunning = true
  readonly #random: Random
  readonly #open = new Map<number, OpenFile>()
  #names = new Map<string, SimulatedInode>()
  #durableNames = new Map<string, SimulatedInode>()
  /** Changes of names since the folder was synced, in order. */
  #unsyncedNames: { readonly name: string; readonly inode: SimulatedInode | undefined }[] = []
  #nextDescriptor = FIRST_DESCRIPTOR
  #nowNs = 1_764_000_000_000_000_000n

  constructor(options: SimulatedDiskOptions) {
    this.#random = options.random
    this.pageCount = options.pageCount ?? 1_000
  }

  /** Descriptors that are open. */
  get openCount(): number {
    return this.#open.size
  }

  get names(): string[] {
    return [...this.#names.keys()].sort()
  }

  get freePages(): number {
    const inodes = new Set([...this.#names.values(), ...[...this.#open.values()].flatMap(({ inode }) => inode ?? [])])
    return this.pageCount - [...inodes].reduce((sum, { pages }) => sum + pages.size, 0)
  }

  /** The bytes of a file as programs see them. */
  content(name: string): Buffer | undefined {
    return this.#names.get(name)?.seen
  }

  /** While no program of ours runs: another one writes to a file, which keeps its name and number. */
  edit(name: string, change: (content: Buffer) => Buffer): void {
    const inode = this.#inode(name)
    const nowNs = this.#tick()
    inode.overwrite(change(Buffer.from(inode.seen)), { mtimeNs: nowNs, ctimeNs: nowNs })
  }

  /** Likewise: a file is deleted, and a copy with this content gets its name, its number and, as `cp -a` does it, its time of writing. */
  replace(name: string, content: Buffer): void {
    const old = this.#inode(name)
    const copy = new SimulatedInode(old.number, this.#tick())
    copy.overwrite(content, { mtimeNs: old.times.mtimeNs, ctimeNs: this.#tick() })
    for (const page of old.pages) copy.pages.add(page)
    this.#names.set(name, copy)
    this.#durableNames.set(name, copy)
  }

  /** Ends the program now, unless it has ended: the next program may see its writes or not. */
  stop(by: "kill" | "power cut"): void {
    if (!this.isRunning) return
    this.isRunning = false
    this.#open.clear()
    if (by === "power cut") this.#losePower()
  }

  /** Starts the next program; nothing fails until a fault is set. */
  start(): void {
    this.isRunning = true
    this.callCount = 0
    this.faultCount = 0
    this.end = undefined
    this.fault = () => undefined
  }

  /** Lets other calls come between, as many as chance will have it. */
  async pause(): Promise<void> {
    for (let turns = Math.floor(this.#random() * 4); turns > 0; turns--) await undefined
  }

  /** `create` makes the file, and fails where there is one. */
  open(name: string, create: boolean): number {
    this.#begin("open")
    if (create && this.#names.has(name)) throw systemError("EEXIST", name)
    const inode = create ? this.#create(name) : this.#inode(name)
    this.#end()
    return this.#descriptor({ inode })
  }

  openFolder(): number {
    this.#begin("open")
    this.#end()
    return this.#descriptor({ inode: undefined })
  }

  close(descriptor: number): void {
    this.#open.delete(descriptor)
  }

  /** Bytes read into `target`, fewer at the file's end. */
  read(descriptor: number, target: Uint8Array, offset: number): number {
    this.#begin("read")
    const { seen } = this.file(descriptor)
    const bytes = seen.subarray(offset, offset + target.length)
    target.set(bytes)
    this.#end()
    return bytes.length
  }

  /** Bytes written: fewer than asked for where the disk gets full. */
  write(descriptor: number, bytes: Uint8Array, offset: number): number {
    this.#begin("write")
    const inode = this.file(descriptor)
    const writable = this.#allocate(inode, offset, bytes.length)
    if (writable === 0 && bytes.length > 0) throw systemError("ENOSPC", "write")
    inode.write(bytes.subarray(0, writable), offset)
    inode.written(this.#tick())
    this.#end()
    return writable
  }

  resize(descriptor: number, sizeBytes: number): void {
    this.#begin("resize")
    const inode = this.file(descriptor)
    inode.resize(sizeBytes)
    inode.written(this.#tick())
    for (const page of inode.pages) if (page * PAGE_BYTES >= sizeBytes) inode.pages.delete(page)
    this.#end()
  }

  /** Begins a sync; the call that it returns ends it. Writes in between may reach the disk or not. */
  beginSync(descriptor: number): () => void {
    this.#requireRunning()
    const file = this.#open.get(descriptor)
    if (!file) throw systemError("EBADF", "sync")
    const endOfData = file.inode?.beginSync()
    const nameCount = this.#unsyncedNames.length
    return () => {
      this.#begin("sync", () => file.inode?.loseUnsynced(this.#random))
      // Before it takes effect: afterwards there would be nothing to lose.
      this.#end()
      endOfData?.()
      if (!file.inode)
        for (const { name, inode } of this.#unsyncedNames.splice(0, nameCount)) put(this.#durableNames, name, inode)
    }
  }

  link(from: string, to: string): void {
    this.#begin("name")
    if (this.#names.has(to)) throw systemError("EEXIST", to)
    this.#name(to, this.#inode(from))
    this.#end()
  }

  unlink(name: string): void {
    this.#begin("name")
    this.#inode(name)
    this.#name(name, undefined)
    this.#end()
  }

  rename(from: string, to: string): void {
    this.#begin("name")
    this.#name(to, this.#inode(from))
    this.#name(from, undefined)
    this.#end()
  }

  /** What an open descriptor stands for. */
  file(descriptor: number): SimulatedInode {
    const inode = this.#open.get(descriptor)?.inode
    if (!inode) throw systemError("EBADF", String(descriptor))
    return inode
  }

  /** The file of a name. @throws ENOENT */
  find(name: string): SimulatedInode {
    this.#requireRunning()
    return this.#inode(name)
  }

  #begin(call: DiskCall, onFault?: () => void): void {
    this.#requireRunning()
    this.callCount++
    const errno = this.fault(call)
    if (errno === undefined) return
    this.faultCount++
    onFault?.()
    throw systemError(errno, call)
  }

  /** After a call took effect, so that it may be lost, torn or whole. */
  #end(): void {
    if (this.callCount !== this.end?.atCall) return
    this.stop(this.end.by)
    throw systemError("EIO", "the end")
  }

  #requireRunning(): void {
    if (!this.isRunning) throw systemError("EIO", "the program has ended")
  }

  #losePower(): void {
    const meanings = new Map<string, (SimulatedInode | undefined)[]>()
    for (const { name, inode } of this.#unsyncedNames)
      meanings.set(name, [...(meanings.get(name) ?? [this.#durableNames.get(name)]), inode])
    for (const [name, inodes] of meanings) {
      put(this.#durableNames, name, inodes[Math.floor(this.#random() * inodes.length)])
    }
    this.#unsyncedNames = []
    for (const inode of new Set(this.#durableNames.values())) inode.afterPowerCut(this.#random)
    this.#names = new Map(this.#durableNames)
  }

  #descriptor(file: OpenFile): number {
    const descriptor = this.#nextDescriptor++
    this.#open.set(descriptor, file)
    return descriptor
  }

  /** The lowest free number: real file systems give those of deleted files out again, too. */
  #create(name: string): SimulatedInode {
    const taken = new Set([...this.#names.values()].map(({ number }) => number))
    let number = 1
    while (taken.has(number)) number++
    const inode = new SimulatedInode(number, this.#tick())
    this.#name(name, inode)
    return inode
  }

  #inode(name: string): SimulatedInode {
    const inode = this.#names.get(name)
    if (!inode) throw systemError("ENOENT", name)
    return inode
  }

  #tick(): bigint {
    return ++this.#nowNs
  }

  #name(name: string, inode: SimulatedInode | undefined): void {
    inode?.changed(this.#tick())
    put(this.#names, name, inode)
    this.#unsyncedNames.push({ name, inode })
  }

  /** Takes pages for a write; returns how many of its bytes have room. */
  #allocate(inode: SimulatedInode, offset: number, byteCount: number): number {
    let free = this.freePages
    const end = offset + byteCount
    for (let page = Math.floor(offset / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
      if (inode.pages.has(page)) continue
      if (free <= 0) return Math.max(0, page * PAGE_BYTES - offset)
      free--
      inode.pages.add(page)
    }
    return byteCount
  }
}

export function systemError(errno: string, what: string): Error {
  return Object.assign(new Error(`${errno}: ${what}`), { code: errno })
}

function put(names: Map<string, SimulatedInode>, name: string, inode: SimulatedInode | undefined): void {
  if (inode) names.set(name, inode)
  else names.delete(name)
}
