import type { Random } from "../base/clock.js"
import type { SimulatedInode, SimulatedTimes } from "./simulated-inode.js"

export type SimulatedNode = SimulatedInode | SimulatedFolder

interface NameChange {
  readonly name: string
  readonly node: SimulatedNode | undefined
}

/** One folder: the names that programs see in it, and which of them have reached the platters. */
export class SimulatedFolder {
  readonly number: number
  readonly birthtimeNs: bigint
  times: SimulatedTimes
  entries = new Map<string, SimulatedNode>()
  #durable = new Map<string, SimulatedNode>()
  /** Since the folder was synced, in order. */
  #unsynced: NameChange[] = []
  /** A folder has one name, so a power failure leaves it the old or the new one. */
  #unsyncedMoves: { readonly from: string; readonly to: string; readonly node: SimulatedFolder }[] = []

  constructor(number: number, nowNs: bigint) {
    this.number = number
    this.birthtimeNs = nowNs
    this.times = { mtimeNs: nowNs, ctimeNs: nowNs }
  }

  changed(nowNs: bigint): void {
    this.times = { ...this.times, ctimeNs: nowNs }
  }

  /** `node`: undefined takes the name away. */
  name(name: string, node: SimulatedNode | undefined, nowNs: bigint): void {
    node?.changed(nowNs)
    this.times = { mtimeNs: nowNs, ctimeNs: nowNs }
    put(this.entries, name, node)
    this.#unsynced.push({ name, node })
  }

  moveFolder(from: string, to: string, node: SimulatedFolder, nowNs: bigint): void {
    this.name(to, node, nowNs)
    this.name(from, undefined, nowNs)
    this.#unsyncedMoves.push({ from, to, node })
  }

  /** Another program put this node in a name's place and synced it. */
  replace(name: string, node: SimulatedNode | undefined): void {
    put(this.entries, name, node)
    put(this.#durable, name, node)
    this.#unsynced = this.#unsynced.filter((change) => change.name !== name)
  }

  /** The changes that a sync started now covers; calling the result completes that sync. */
  beginSync(): () => void {
    const [names, moves] = [this.#unsynced, this.#unsyncedMoves].map(({ length }) => length)
    return () => {
      for (const { name, node } of this.#unsynced.splice(0, names)) put(this.#durable, name, node)
      this.#unsyncedMoves.splice(0, moves)
    }
  }

  /** The power fails: each name that was changed has any of its meanings since the last sync. */
  afterPowerCut(random: Random): void {
    const meanings = new Map<string, (SimulatedNode | undefined)[]>()
    for (const { name, node } of this.#unsynced)
      meanings.set(name, [...(meanings.get(name) ?? [this.#durable.get(name)]), node])
    for (const [name, nodes] of meanings) put(this.#durable, name, nodes[Math.floor(random() * nodes.length)])
    for (const { from, to, node } of this.#unsyncedMoves) {
      const [kept, other] = random() < 0.5 ? [from, to] : [to, from]
      if (this.#durable.get(other) === node) this.#durable.delete(other)
      this.#durable.set(kept, node)
    }
    this.#unsynced = []
    this.#unsyncedMoves = []
    this.entries = new Map(this.#durable)
  }
}

function put(names: Map<string, SimulatedNode>, name: string, node: SimulatedNode | undefined): void {
  if (node) names.set(name, node)
  else names.delete(name)
}
