import { formatAddress } from "../address/address.js"
import type { Announcer } from "../announce/announcer.js"
import { SeedAnnounceBatcher } from "../announce/seed-announce-batcher.js"
import { TrackerWithStatus } from "../announce/tracker-with-status.js"
import { joinSwarm, type SwarmResources } from "../document/join-swarm.js"
import { ConnectionBudget, PartBudget, type SwarmState } from "../swarm/index.js"
import { Bitfield } from "../torrent/bitfield.js"
import { Heartbeat, PULSE_MS, TICK_MS } from "../transfer/heartbeat.js"
import type { SwarmRunner } from "../transfer/swarm-runner.js"
import { TokenBucket } from "../transfer/token-bucket.js"
import type { PeerListener } from "../wire/calls/listener.js"
import { createPeerId, PEER_ID_RANDOM_BYTES } from "../wire/codec/peer-id.js"
import { Pulse } from "../wire/connection/pulse.js"
import type { LinkRates } from "./simulated-network.js"
import { type Fault, SimulatedStore } from "./simulated-store.js"
import type { SimulatedSwarm } from "./simulated-swarm.js"

/** One machine in the simulation. */
export interface NodeOptions extends LinkRates {
  readonly seed?: boolean
  /** Parts that it lacks although it is a seed. */
  readonly lacks?: readonly number[]
  readonly fault?: Fault
  /** Of parts in flight; 64 MiB by default. */
  readonly budgetBytes?: number
}

const PORT = 7_000

/** A client's parts for one document, on a simulated line, disk and clock. */
export class SimulatedNode {
  readonly options: NodeOptions
  readonly address: string
  gone = false
  doneAtMs: number | undefined
  readonly notes: string[] = []
  readonly #swarm: SimulatedSwarm
  readonly #resources: SwarmResources
  readonly #runner: SwarmRunner
  readonly #announcer: Announcer
  readonly #ticks: Heartbeat
  readonly #deadlines: Heartbeat
  #listener: PeerListener | undefined

  constructor(swarm: SimulatedSwarm, id: number, options: NodeOptions) {
    const { clock, lengths } = swarm
    // Each in its own network: the allowed-fast set of BEP 6 is the same for all peers of a network.
    const host = `10.${id >> 8}.${id & 255}.1`
    this.#swarm = swarm
    this.options = options
    this.address = formatAddress({ host, port: PORT })
    const pulse = new Pulse(clock, () => this.#deadlines.wake())
    this.#deadlines = new Heartbeat(
      clock,
      PULSE_MS,
      () => pulse.tick(),
      () => pulse.watchCount > 0,
    )
    this.#ticks = new Heartbeat(
      clock,
      TICK_MS,
      () => this.#tick(),
      () => this.#runner.isActive,
    )
    this.#resources = this.#takeResources(id, host, pulse)
    const { runner, announcer } = joinSwarm(
      {
        torrent: swarm.torrent,
        lengths,
        infoHash: swarm.infoHash,
        preSharedKey: undefined,
        tracker: this.#resources.tracker,
        store: new SimulatedStore(lengths, partsAtFirst(lengths.partCount, options), clock, options.fault),
        isSafe: () => true,
        onCompleted: () => this.#complete(),
        onStoreFailed: (error) => {
          throw error
        },
        onNote: ({ level, name }) => void (level !== "debug" && this.notes.push(name)),
        onRegisteredAgain: () => undefined,
      },
      this.#resources,
    )
    this.#runner = runner
    this.#announcer = announcer
    if (this.state.have.isFull) this.doneAtMs = clock.now()
  }

  get state(): SwarmState {
    return this.#runner.state
  }

  /** Payload bytes that its socket has taken. */
  get sentBytes(): number {
    return this.state.up.totalBytes
  }

  /** Joins, a moment later: machines do not tick together. */
  start(): void {
    this.#swarm.clock.after(TICK_MS * this.#swarm.random(), () => void this.#join())
  }

  /** Leaves at once: every connection breaks. */
  leave(): void {
    this.gone = true
    this.#listener?.close()
    this.#ticks.close()
    void this.#announcer.stop()
    void this.#runner.close()
  }

  async #join(): Promise<void> {
    if (this.gone) return
    const { transport, peerId, pulse, listeningHost: host, listeningPort: port } = this.#resources
    const { partCount } = this.#swarm.lengths
    this.#listener = await transport.listen({
      ...{ host, port, peerId, pulse },
      lookup: () => (this.gone ? undefined : { partCount }),
      onConnection: (connection) => this.#runner.connected(connection, "incoming"),
    })
    this.#announcer.start()
    this.#ticks.wake()
  }

  #complete(): void {
    this.doneAtMs = this.#swarm.clock.now()
    this.#announcer.completed()
  }

  #tick(): void {
    this.#runner.tick()
    this.#announcer.reconsider()
  }

  #takeResources(id: number, host: string, pulse: Pulse): SwarmResources {
    const { clock, random, network, buffers } = this.#swarm
    const listening = { listeningHost: host, listeningPort: PORT }
    const tracker = new TrackerWithStatus(this.#swarm.tracker, { ...listening, clock, onEvent: () => undefined })
    return {
      ...{ clock, random, pulse, tracker, ...listening },
      peerId: createPeerId(Buffer.from(id.toString(16).padStart(2 * PEER_ID_RANDOM_BYTES, "0"), "hex")),
      userAgent: "simulated",
      transport: network.machine(host, this.options),
      disk: { buffers },
      budget: new PartBudget(this.options.budgetBytes ?? 64 * 1024 * 1024),
      connections: new ConnectionBudget(),
      upLimit: new TokenBucket(clock, undefined),
      downLimit: new TokenBucket(clock, undefined),
      batcher: new SeedAnnounceBatcher(tracker, clock, random),
      onEvent: () => undefined,
      changed: () => this.#ticks.wake(),
    }
  }
}

function partsAtFirst(partCount: number, { seed, fault, lacks = [] }: NodeOptions): Bitfield {
  if (seed !== true && fault === undefined) return new Bitfield(partCount)
  const have = Bitfield.full(partCount)
  for (const part of lacks) have.remove(part)
  return have
}
