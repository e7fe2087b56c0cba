import type { Random } from "../base/clock.js"
import { PartBuffers } from "../store/part-buffers.js"
import { createLengths, type Lengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { seededRandom } from "./seeded-random.js"
import { SimulatedClock } from "./simulated-clock.js"
import { SimulatedNetwork } from "./simulated-network.js"
import { type NodeOptions, SimulatedNode } from "./simulated-node.js"
import { SimulatedTracker } from "./simulated-tracker.js"

export type { NodeOptions, SimulatedNode } from "./simulated-node.js"

export interface SimulationOptions {
  readonly seed: number
  readonly sizeBytes: number
  readonly partSizeBytes: number
  readonly latencyMs?: number
  /** Peers the tracker names at a time, and how often it wants to be asked. */
  readonly peersPerAnswer?: number
  readonly announceMs?: number
}

/** Unused buffers that are kept, over all nodes. */
const KEPT_BYTES = 512 * 1024 * 1024

/** A swarm of many machines in one process, in virtual time: what runs in the client runs here, but for its disk, its sockets and its tracker. */
export class SimulatedSwarm {
  readonly clock = new SimulatedClock()
  readonly random: Random
  readonly lengths: Lengths
  readonly torrent: Torrent
  readonly infoHash: Uint8Array = new Uint8Array(20).fill(0x11)
  readonly network: SimulatedNetwork
  readonly tracker: SimulatedTracker
  readonly buffers = new PartBuffers(KEPT_BYTES)
  readonly nodes: SimulatedNode[] = []

  constructor(options: SimulationOptions) {
    const { seed, sizeBytes, partSizeBytes, latencyMs = 20, peersPerAnswer = 50, announceMs = 30_000 } = options
    this.random = seededRandom(seed)
    this.lengths = createLengths(sizeBytes, partSizeBytes)
    this.torrent = {
      ...{ hash: "simulated", sizeBytes, partSizeBytes, name: undefined, secret: undefined },
      partDigests: new Uint8Array(0),
    }
    this.network = new SimulatedNetwork(this.clock, this.random, latencyMs)
    this.tracker = new SimulatedTracker(this.clock, this.random, { peersPerAnswer, announceMs, latencyMs })
  }

  /** Adds a node that joins now. */
  join(options: NodeOptions): SimulatedNode {
    const node = new SimulatedNode(this, this.nodes.length, options)
    this.nodes.push(node)
    node.start()
    return node
  }

  /** Runs until `isOver` or until `limitMs` of virtual time; true when it was over in time. */
  run(isOver: () => boolean, limitMs: number): Promise<boolean> {
    return this.clock.run(isOver, limitMs)
  }

  /** Every node that is to get the file and is still there has it. */
  isEveryoneDone(): boolean {
    return this.nodes.every((node) => node.gone || node.options.fault !== undefined || node.state.have.isFull)
  }
}
