import type { Random } from "../base/clock.js"
import { createLengths, type Lengths } from "../torrent/lengths.js"
import { EventQueue } from "./event-queue.js"
import { seededRandom } from "./seeded-random.js"
import { type NodeOptions, SimulatedNode } from "./simulated-node.js"

export type { NodeOptions, SimulatedNode } from "./simulated-node.js"

export interface SimulationOptions {
  readonly seed: number
  readonly sizeBytes: number
  readonly partSizeBytes: number
  readonly latencyMs?: number
  /** Peers the tracker names at a time, and how often it is asked. */
  readonly peersPerAnswer?: number
  readonly announceMs?: number
}

/** A swarm of many state machines in one process, in virtual time: the very `step` that runs in the client. */
export class SimulatedSwarm {
  readonly queue = new EventQueue()
  readonly random: Random
  readonly lengths: Lengths
  readonly nodes: SimulatedNode[] = []
  readonly options: Required<SimulationOptions>

  constructor(options: SimulationOptions) {
    this.options = { latencyMs: 20, peersPerAnswer: 50, announceMs: 30_000, ...options }
    this.random = seededRandom(options.seed)
    this.lengths = createLengths(options.sizeBytes, options.partSizeBytes)
  }

  /** Adds a node that joins now. */
  join(options: NodeOptions): SimulatedNode {
    const node = new SimulatedNode(this, this.nodes.length, options)
    this.nodes.push(node)
    node.start()
    return node
  }

  /** Runs until `isOver` or until `limitMs` of virtual time; true when it was over in time. */
  run(isOver: () => boolean, limitMs: number): boolean {
    while (!isOver()) {
      if (this.queue.nowMs > limitMs || !this.queue.runNext()) return false
    }
    return true
  }

  /** Every node that is to get the file and is still there has it. */
  isEveryoneDone(): boolean {
    return this.nodes.every((node) => node.gone || node.options.fault !== undefined || node.state.have.isFull)
  }

  find(address: string): SimulatedNode | undefined {
    return this.nodes[Number(address)]
  }

  /** What the tracker answers: a random sample of everybody else that is there. */
  addressesFor(asker: SimulatedNode): string[] {
    const others = this.nodes.filter((node) => node !== asker && !node.gone)
    const sample = Math.min(this.options.peersPerAnswer, others.length)
    for (let at = 0; at < sample; at++) {
      const other = at + Math.floor(this.random() * (others.length - at))
      const [left, right] = [others[at], others[other]]
      if (left !== undefined && right !== undefined) [others[at], others[other]] = [right, left]
    }
    return others.slice(0, sample).map(({ address }) => address)
  }
}
