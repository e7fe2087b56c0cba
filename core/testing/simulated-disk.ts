import type { Random } from "../base/clock.js"
import type { SimulatedNode } from "./simulated-folder.js"
import { PAGE_BYTES, SimulatedInode } from "./simulated-inode.js"
import { SimulatedTree, systemError } from "./simulated-tree.js"

/** A program's calls to the disk, as named in faults. */
export type DiskCall = "open" | "read" | "write" | "resize" | "sync" | "name"

export interface SimulatedDiskOptions {
  readonly random: Random
  /** Pages there are for all files. */
  readonly pageCount?: number
}

/** A descriptor of this disk is never one of the real system. */
export const FIRST_DESCRIPTOR = 1_000_000

/**
 * A disk as unreliable as POSIX allows: until a file is synced, any of its writes may be lost, be torn or reach the platters in another
 * order; until a folder is synced, any name in it may still refer to its former file. It can fail and be full.
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
  readonly #open = new Map<number, SimulatedNode>()
  readonly #tree = new SimulatedTree()
  #nextDescriptor = FIRST_DESCRIPTOR

  constructor(options: SimulatedDiskOptions) {
    this.#random = options.random
    this.pageCount = options.pageCount ?? 1_000
  }

  /** Descriptors that are open. */
  get openCount(): number {
    return this.#open.size
  }

  /** Paths of all files and folders. */
  get names(): string[] {
    return this.#tree.paths
  }

  get freePages(): number {
    const inodes = new Set<SimulatedNode>([...this.#tree.files, ...this.#open.values()])
    return (
      this.pageCount -
      [...inodes]
        .flatMap((node) => (node instanceof SimulatedInode ? node : []))
        .reduce((sum, { pages }) => sum + pages.size, 0)
    )
  }

  /** The bytes of a file as programs see them. */
  content(name: string): Buffer | undefined {
    const node = this.#tree.at(name)
    return node instanceof SimulatedInode ? node.seen : undefined
  }

  /** While no program of ours runs: another one writes to a file, which keeps its name and number. */
  edit(name: string, change: (content: Buffer) => Buffer): void {
    const inode = this.#tree.file(name)
    const nowNs = this.#tree.tick()
    inode.overwrite(change(Buffer.from(inode.seen)), { mtimeNs: nowNs, ctimeNs: nowNs })
  }

  /** Likewise: a file is deleted, and a copy with this content gets its name, its number and, as `cp -a` does it, its time of writing. */
  replace(name: string, content: Buffer): void {
    const old = this.#tree.file(name)
    const copy = new SimulatedInode(old.number, this.#tree.tick())
    copy.overwrite(content, { mtimeNs: old.times.mtimeNs, ctimeNs: this.#tree.tick() })
    for (const page of old.pages) copy.pages.add(page)
    this.#tree.replace(name, copy)
  }

  /** Likewise: a file is deleted. */
  delete(name: string): void {
    this.#tree.replace(name, undefined)
  }

  /** Ends the program now, unless it has ended: the next program may see its writes or not. */
  stop(by: "kill" | "power cut"): void {
    if (!this.isRunning) return
    this.isRunning = false
    this.#open.clear()
    if (by === "power cut") this.#tree.losePower(this.#random)
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

  /** "new" makes the file, and fails where there is one; "any" makes it where there is none. */
  open(name: string, create: "new" | "any" | "never"): number {
    this.#begin("open")
    const isThere = this.#tree.at(name) !== undefined
    if (create === "new" && isThere) throw systemError("EEXIST", name)
    const inode = isThere || create === "never" ? this.#tree.file(name) : this.#tree.create(name)
    this.#end()
    return this.#descriptor(inode)
  }

  openFolder(name: string): number {
    this.#begin("open")
    const folder = this.#tree.folder(name)
    this.#end()
    return this.#descriptor(folder)
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
    inode.written(this.#tree.tick())
    this.#end()
    return writable
  }

  resize(descriptor: number, sizeBytes: number): void {
    this.#begin("resize")
    const inode = this.file(descriptor)
    inode.resize(sizeBytes)
    inode.written(this.#tree.tick())
    for (const page of inode.pages) if (page * PAGE_BYTES >= sizeBytes) inode.pages.delete(page)
    this.#end()
  }

  /** Begins a sync; the call that it returns ends it. Writes in between may reach the disk or not. */
  beginSync(descriptor: number): () => void {
    this.#requireRunning()
    const node = this.#open.get(descriptor)
    if (!node) throw systemError("EBADF", "sync")
    const endOfSync = node.beginSync()
    return () => {
      this.#begin("sync", () => node instanceof SimulatedInode && node.loseUnsynced(this.#random))
      // Before it takes effect: afterwards there would be nothing to lose.
      this.#end()
      endOfSync()
    }
  }

  link(from: string, to: string): void {
    this.#change(() => this.#tree.link(from, to))
  }

  unlink(name: string): void {
    this.#change(() => this.#tree.unlink(name))
  }

  rename(from: string, to: string): void {
    this.#change(() => this.#tree.rename(from, to))
  }

  makeFolder(name: string): void {
    this.#change(() => this.#tree.makeFolder(name))
  }

  removeFolder(name: string): void {
    this.#change(() => this.#tree.removeFolder(name))
  }

  changeMode(name: string): void {
    this.#change(() => this.#tree.node(name).changed(this.#tree.tick()))
  }

  /** What an open descriptor stands for. */
  file(descriptor: number): SimulatedInode {
    const inode = this.#open.get(descriptor)
    if (!(inode instanceof SimulatedInode)) throw systemError("EBADF", String(descriptor))
    return inode
  }

  /** The file or folder of a name. @throws ENOENT */
  find(name: string): SimulatedNode {
    this.#requireRunning()
    return this.#tree.node(name)
  }

  /** The names in a folder. */
  list(name: string): string[] {
    this.#begin("read")
    const { entries } = this.#tree.folder(name)
    this.#end()
    return [...entries.keys()]
  }

  #change(act: () => void): void {
    this.#begin("name")
    act()
    this.#end()
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

  #descriptor(node: SimulatedNode): number {
    const descriptor = this.#nextDescriptor++
    this.#open.set(descriptor, node)
    return descriptor
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
