import { describe, expect, it } from "vitest"
import { type ScriptedPeer, type ScriptedPeerOptions, SwarmBench } from "../testing/swarm-bench.js"
import { countWork } from "../testing/work-counter.js"
import { Bitfield } from "../torrent/bitfield.js"
import { PIECE_HEADER_BYTES } from "../wire/codec/constants.js"
import { encodedLength } from "../wire/codec/encode.js"
import type { PeerMessage } from "../wire/codec/messages.js"

const PARTS = 1_000_000
const TINY = 1

/** One way to use a kind of message again and again. */
interface Use {
  readonly as: string
  /** We are a seed; else we have nothing. */
  readonly seed?: boolean
  readonly peer: ScriptedPeerOptions
  /** Said once before. */
  readonly first?: readonly PeerMessage[]
  /** What is said the nth time. */
  says(nth: number): readonly PeerMessage[]
  readonly times?: number
  /**
   * Work (`countWork`: parts looked at, bytes of bitfields walked) for every byte that the peer sent, at most. Above that, between two ticks:
   * WORK_PER_TICK.
   */
  readonly workPerByte: number
  /** Bytes that it is sent for every byte that it sends; above that ANSWER_BYTES_PER_TICK. */
  readonly answerPerByte?: number
}

/** 32 times two looks for another part to ask for, each over the bytes of a bitfield of 1,000,000 parts and two times 1,024 parts. */
const WORK_PER_TICK = 32 * 2 * (PARTS / 8 + 8 * 1_024)

/** One rechoke with its suggestions, and ten allowed-fast parts. */
const ANSWER_BYTES_PER_TICK = 1_024

const block = { index: 0, begin: 0, length: 16_384 }
const leech: ScriptedPeerOptions = { has: [0], unchokes: true }
const someParts = (...parts: readonly number[]) => {
  const set = new Bitfield(PARTS)
  for (const part of parts) set.add(part)
  return set
}

/** Every message of the wire: what it can be used for, and what that costs. */
const USES = {
  keepAlive: [{ as: "again and again", peer: {}, says: () => [{ type: "keepAlive" }], workPerByte: 0 }],
  choke: [
    {
      as: "and unchoke in turns, part 0 refused",
      peer: leech,
      first: [{ type: "reject", ...block }],
      says: () => [{ type: "choke" }, { type: "unchoke" }],
      workPerByte: 1,
    },
    {
      as: "and unchoke in turns, without BEP 6",
      peer: { ...leech, fast: false },
      says: () => [{ type: "choke" }, { type: "unchoke" }],
      workPerByte: 1,
      answerPerByte: 2,
    },
  ],
  unchoke: [
    { as: "again and again", peer: { has: [0], unchokes: true }, says: () => [{ type: "unchoke" }], workPerByte: 0 },
  ],
  interested: [
    { as: "again and again", seed: true, peer: { has: [] }, says: () => [{ type: "interested" }], workPerByte: 0 },
    {
      as: "and not in turns",
      seed: true,
      peer: { has: [], fastParts: [1, 2, 3] },
      says: () => [{ type: "interested" }, { type: "notInterested" }],
      workPerByte: 0,
    },
  ],
  notInterested: [
    {
      as: "again and again",
      seed: true,
      peer: { has: [], interested: true },
      says: () => [{ type: "notInterested" }],
      workPerByte: 0,
    },
  ],
  have: [
    {
      as: "of one part after the other",
      peer: leech,
      says: (nth) => [{ type: "have", index: nth + 1 }],
      workPerByte: 2,
    },
    { as: "of the same part", peer: leech, says: () => [{ type: "have", index: 0 }], workPerByte: 1 },
  ],
  bitfield: [
    {
      as: "without a part, again and again",
      peer: {},
      says: () => [{ type: "bitfield", bitfield: someParts() }],
      times: 100,
      workPerByte: 1,
    },
    {
      as: "with one part more each time",
      peer: { unchokes: true },
      says: (nth) => [{ type: "bitfield", bitfield: someParts(...Array(nth + 1).keys()) }],
      times: 100,
      workPerByte: 3,
    },
  ],
  haveAll: [
    {
      as: "again and again",
      peer: {},
      first: [{ type: "haveAll" }],
      says: () => [{ type: "haveAll" }],
      workPerByte: 0,
    },
  ],
  haveNone: [{ as: "again and again", peer: {}, says: () => [{ type: "haveNone" }], workPerByte: 0 }],
  request: [
    {
      as: "for single bytes",
      seed: true,
      peer: { interested: true },
      says: (nth) => [{ type: "request", index: nth, begin: 0, length: 1 }],
      workPerByte: 1,
      answerPerByte: 1,
    },
    {
      as: "while it is choked",
      seed: true,
      peer: {},
      says: (nth) => [{ type: "request", index: nth, begin: 0, length: 16_384 }],
      workPerByte: 1,
      answerPerByte: 1,
    },
    {
      as: "for more than may wait",
      seed: true,
      peer: { interested: true },
      says: (nth) => [{ type: "request", index: nth, begin: 0, length: 16_384 }],
      workPerByte: 1,
      answerPerByte: 1,
    },
    {
      as: "for parts that no peer has",
      seed: true,
      peer: { interested: true },
      says: () => [{ type: "request", index: PARTS, begin: 0, length: 1 }],
      workPerByte: 1,
      answerPerByte: 1,
    },
  ],
  piece: [
    {
      as: "that was not requested",
      peer: leech,
      says: (nth) => [{ type: "piece", index: nth, begin: 0, length: TINY }],
      workPerByte: 1,
    },
  ],
  cancel: [
    {
      as: "of what waits, and asked again",
      seed: true,
      peer: { interested: true },
      says: (nth) => [
        { type: "request", index: nth, begin: 0, length: 16_384 },
        { type: "cancel", index: nth, begin: 0, length: 16_384 },
      ],
      workPerByte: 1,
      answerPerByte: 1,
    },
  ],
  suggest: [
    {
      as: "of a part that it lacks",
      peer: leech,
      first: [{ type: "reject", ...block }],
      says: () => [{ type: "suggest", index: 1 }],
      workPerByte: 1,
    },
    {
      as: "of a part that it refuses",
      peer: leech,
      first: [{ type: "reject", ...block }],
      says: () => [{ type: "suggest", index: 0 }],
      workPerByte: 1,
    },
  ],
  allowedFast: [
    {
      as: "of parts that it lacks",
      peer: { has: [0] },
      says: (nth) => [{ type: "allowedFast", index: nth + 1 }],
      workPerByte: 1,
    },
    {
      as: "of one part, refused each time",
      peer: { has: [0] },
      says: () => [
        { type: "allowedFast", index: 0 },
        { type: "reject", ...block },
      ],
      workPerByte: 1,
      answerPerByte: 1,
    },
  ],
  reject: [
    {
      as: "of unrequested blocks",
      peer: leech,
      says: (nth) => [{ type: "reject", index: nth, begin: 0, length: 16_384 }],
      workPerByte: 1,
    },
  ],
  extended: [
    {
      as: "again and again",
      peer: {},
      says: () => [{ type: "extended", id: 9, payload: new Uint8Array(9) }],
      workPerByte: 0,
    },
  ],
} satisfies Record<PeerMessage["type"], readonly Use[]>

const ROWS = Object.entries<readonly Use[]>(USES).flatMap(([type, uses]) => uses.map((use) => ({ type, ...use })))

describe("of 1,000,000 parts, what a peer says costs no more than its bytes are worth", () => {
  it.each(ROWS)("$type $as [S2]", (use) => {
    const bench = new SwarmBench({ partCount: PARTS, partSizeBytes: 16_384, have: use.seed === true ? "all" : [] })
    const peer = bench.connect(use.peer)
    for (const message of use.first ?? []) peer.says(message)
    const answersBefore = answerBytes(peer)
    let bytes = 0
    const work = countWork(() => {
      for (let nth = 0; nth < (use.times ?? 2_000) && peer.closedFor === undefined; nth++)
        for (const message of use.says(nth)) {
          bytes += wireBytes(message)
          peer.says(message)
        }
    })
    expect(work).toBeLessThanOrEqual(WORK_PER_TICK + use.workPerByte * bytes)
    expect(answerBytes(peer) - answersBefore).toBeLessThanOrEqual(
      ANSWER_BYTES_PER_TICK + (use.answerPerByte ?? 0) * bytes,
    )
  })
})

function wireBytes(message: PeerMessage): number {
  return message.type === "piece" ? PIECE_HEADER_BYTES + message.length : encodedLength(message)
}

function answerBytes(peer: ScriptedPeer): number {
  return peer.heard.reduce((sum, message) => sum + encodedLength(message), 0)
}
