import { z } from "zod"
import {
  EXPIRY_INTERVALS,
  inOrder,
  lowestShown,
  type MachineStatus,
  rankOf,
  SILENT_INTERVALS,
  type SwarmStatus,
} from "../peers/swarm-status.js"
import type { RedisLink } from "./redis-link.js"
import { pageScript, statusScript } from "./redis-scripts.js"

/** Peers of one command, so that Redis serves announces in between: some 1 ms. */
const PAGE_PEERS = 1_000

/** Places of the sets among the keys of a document, from 1. */
const [SEEDERS, LEECHERS, GONE_SEEDERS, GONE_LEECHERS, LEFT, GONE_LEFT] = [2, 3, 4, 5, 6, 7]

const totalsReply = z.tuple([z.int(), z.int(), z.int(), z.int()])
const pageReply = z.tuple([z.array(z.instanceof(Buffer)), z.array(z.instanceof(Buffer).nullable())])

export interface RedisStatusOptions {
  /** Most machines. */
  readonly limit: number
  readonly expirySeconds: number
  readonly maxPeers: number
}

/**
 * The status of a document, read in pages: peers that come or go meanwhile may be left out, and none is there twice. Complete peers are
 * read only as far as there is room for them.
 */
export async function readRedisStatus(
  link: RedisLink,
  keys: readonly string[],
  { limit, expirySeconds, maxPeers }: RedisStatusOptions,
): Promise<SwarmStatus | undefined> {
  const silentAfter = Math.floor((expirySeconds * SILENT_INTERVALS) / EXPIRY_INTERVALS)
  const reply = await link.run(statusScript, keys, [expirySeconds, maxPeers, silentAfter])
  if (reply === null) return undefined
  const [second, complete, downloading, silent] = totalsReply.parse(reply)
  const found = new Map<string, MachineStatus>()
  const read = async (set: number, most: number) => {
    for (let first = 0; first < most; first += PAGE_PEERS) {
      const last = Math.min(first + PAGE_PEERS, most) - 1
      const page = pageReply.parse(
        await link.run(pageScript, keys, [set, set === GONE_LEECHERS ? GONE_LEFT : LEFT, first, last]),
      )
      for (const machine of machinesOf(page, set, { second, silentBefore: second - silentAfter }))
        found.set(Buffer.from(machine.peer).toString("latin1"), machine)
      if (page[0].length < 2 * PAGE_PEERS) return
    }
  }
  if (limit > 0) for (const set of [GONE_LEECHERS, LEECHERS]) await read(set, maxPeers)
  for (const set of [SEEDERS, GONE_SEEDERS]) await read(set, limit - found.size)
  return { machines: firstOf(limit, [...found.values()]), complete, downloading, silent }
}

function machinesOf(
  [page, lefts]: z.infer<typeof pageReply>,
  set: number,
  { second, silentBefore }: { readonly second: number; readonly silentBefore: number },
): MachineStatus[] {
  return lefts.map((text, index) => {
    const [peer = Buffer.alloc(0), score] = [page[2 * index], page[2 * index + 1]]
    const heard = Number(score?.toString())
    const isSilent = set === GONE_LEECHERS || heard < silentBefore
    const isComplete = set === SEEDERS || set === GONE_SEEDERS
    const [left, bytesPerSecond] = text === null ? [undefined, 0] : text.toString().split(" ").map(Number)
    return {
      // A copy; Redis' answer would be kept whole.
      peer: Uint8Array.from(peer),
      state: isComplete ? "complete" : isSilent ? "silent" : "downloading",
      left: isComplete ? 0 : left,
      bytesPerSecond: isComplete || isSilent ? 0 : (bytesPerSecond ?? 0),
      heardSecondsAgo: Math.max(0, second - heard),
    }
  })
}

function firstOf(limit: number, machines: MachineStatus[]): readonly MachineStatus[] {
  const lowest = lowestShown(
    Float64Array.from(machines, ({ left = -1 }) => rankOf(left)),
    limit,
  )
  return inOrder(machines.filter(({ left = -1 }) => rankOf(left) >= lowest)).slice(0, limit)
}
