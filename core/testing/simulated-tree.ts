import { posix } from "node:path"
import type { Random } from "../base/clock.js"
import { SimulatedFolder, type SimulatedNode } from "./simulated-folder.js"
import { SimulatedInode } from "./simulated-inode.js"

/** Files written one after the other differ in their times, also where those are numbers of milliseconds. */
const TICK_NS = 1_000n

/** The names of a simulated disk: files and folders below one root, whose path is "". Paths have "/". */
export class SimulatedTree {
  readonly #root: SimulatedFolder
  #nowNs = 1_764_000_000_000_000_000n

  constructor() {
    this.#root = new SimulatedFolder(1, this.tick())
  }

  /** Of all files and folders, in order. */
  get paths(): string[] {
    return [...this.#all()].map(([path]) => path).sort()
  }

  get files(): SimulatedInode[] {
    return [...this.#all()].flatMap(([, node]) => (node instanceof SimulatedInode ? node : []))
  }

  tick(): bigint {
    this.#nowNs += TICK_NS
    return this.#nowNs
  }

  /** Undefined where nothing is. @throws ENOTDIR */
  at(path: string): SimulatedNode | undefined {
    let node: SimulatedNode | undefined = this.#root
    for (const name of path === "" ? [] : path.split("/")) {
      if (node === undefined) return undefined
      if (!(node instanceof SimulatedFolder)) throw systemError("ENOTDIR", path)
      node = node.entries.get(name)
    }
    return node
  }

  /** @throws ENOENT */
  node(path: string): SimulatedNode {
    const node = this.at(path)
    if (!node) throw systemError("ENOENT", path)
    return node
  }

  /** @throws ENOENT, EISDIR */
  file(path: string): SimulatedInode {
    const node = this.node(path)
    if (node instanceof SimulatedFolder) throw systemError("EISDIR", path)
    return node
  }

  /** @throws ENOENT, ENOTDIR */
  folder(path: string): SimulatedFolder {
    const node = this.node(path)
    if (!(node instanceof SimulatedFolder)) throw systemError("ENOTDIR", path)
    return node
  }

  create(path: string): SimulatedInode {
    const inode = new SimulatedInode(this.#freeNumber(), this.tick())
    this.#name(path, inode)
    return inode
  }

  makeFolder(path: string): void {
    if (this.at(path)) throw systemError("EEXIST", path)
    this.#name(path, new SimulatedFolder(this.#freeNumber(), this.tick()))
  }

  removeFolder(path: string): void {
    if (this.folder(path).entries.size > 0) throw systemError("ENOTEMPTY", path)
    this.#name(path, undefined)
  }

  link(from: string, to: string): void {
    if (this.at(to)) throw systemError("EEXIST", to)
    this.#name(to, this.file(from))
  }

  unlink(path: string): void {
    this.file(path)
    this.#name(path, undefined)
  }

  rename(from: string, to: string): void {
    const node = this.node(from)
    if (node instanceof SimulatedFolder) {
      if (posix.dirname(from) !== posix.dirname(to)) throw new Error("folders keep their parent on the simulated disk")
      this.#parentOf(to).moveFolder(posix.basename(from), posix.basename(to), node, this.tick())
      return
    }
    this.#name(to, node)
    this.#name(from, undefined)
  }

  /** Another program puts this node in a path's place, durably. */
  replace(path: string, node: SimulatedNode | undefined): void {
    this.#parentOf(path).replace(posix.basename(path), node)
  }

  losePower(random: Random): void {
    this.#root.afterPowerCut(random)
    // Those that lost their names in this are gone.
    const nodes = new Set<SimulatedNode>()
    for (const [, node] of this.#all()) {
      if (nodes.has(node)) continue
      nodes.add(node)
      node.afterPowerCut(random)
    }
  }

  *#all(folder = this.#root, above = ""): Generator<[string, SimulatedNode]> {
    for (const [name, node] of [...folder.entries]) {
      yield [above + name, node]
      if (node instanceof SimulatedFolder) yield* this.#all(node, `${above}${name}/`)
    }
  }

  #parentOf(path: string): SimulatedFolder {
    const above = posix.dirname(path)
    return this.folder(above === "." ? "" : above)
  }

  #name(path: string, node: SimulatedNode | undefined): void {
    this.#parentOf(path).name(posix.basename(path), node, this.tick())
  }

  /** The lowest free number: real file systems give those of deleted files out again, too. */
  #freeNumber(): number {
    const taken = new Set([this.#root.number, ...[...this.#all()].map(([, { number }]) => number)])
    let number = 1
    while (taken.has(number)) number++
    return number
  }
}

export function systemError(errno: string, what: string): Error {
  return Object.assign(new Error(`${errno}: ${what}`), { code: errno })
}
