import { randomBytes } from "node:crypto"
import { lookup } from "node:dns/promises"
import { type Clock, type Random, systemClock } from "../base/clock.js"
import { type LanNetwork, systemLan } from "../meeting/lan-network.js"
import type { LookupName } from "../meeting/listed-hosts.js"
import { createDisk } from "../store/disk.js"
import { type Transport, tcpTransport } from "../wire/calls/transport.js"

/** The outside world of a client, which tests may replace. */
export interface Seams {
  readonly clock: Clock
  readonly random: Random
  readonly randomBytes: (byteCount: number) => Uint8Array
  readonly createDisk: typeof createDisk
  readonly transport: Transport
  readonly lookup: LookupName
  readonly lan: LanNetwork
}

/** The world as this process has it. */
export const systemSeams: Seams = {
  clock: systemClock,
  random: Math.random,
  randomBytes,
  createDisk,
  transport: tcpTransport,
  lan: systemLan,
  lookup: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
}
