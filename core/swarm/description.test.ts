import { beforeEach, describe, expect, it } from "vitest"
import { METADATA_PIECE_BYTES, metadataPieceBytes } from "../wire/codec/metadata.js"
import { Description, type DescriptionEffect } from "./description.js"

const SIZE = 5 * METADATA_PIECE_BYTES + 100
const INFO = Uint8Array.from({ length: SIZE }, (_, index) => (index * 7) % 251)

type Answer = (piece: number) => Uint8Array | undefined

const honest: Answer = (piece) => pieceOf(INFO, piece)
const lying: Answer = (piece) => pieceOf(INFO, piece).fill(9)
const silent: Answer = () => undefined

function pieceOf(info: Uint8Array, piece: number): Uint8Array {
  const from = piece * METADATA_PIECE_BYTES
  return info.slice(from, from + METADATA_PIECE_BYTES)
}

/** Peers that answer as the test sets them, around one `Description`. */
class Peers {
  readonly description = new Description()
  readonly asked: string[] = []
  readonly struck: string[] = []
  readonly closed: number[] = []
  found: Uint8Array | undefined
  nowMs = 0
  readonly #answers = new Map<number, Answer>()
  #queue: DescriptionEffect[] = []

  join(key: number, answer: Answer, claimedBytes = SIZE): void {
    this.#answers.set(key, answer)
    this.#queue.push(...this.description.add(key, `10.0.0.${key}:1`, claimedBytes, this.nowMs))
  }

  leave(key: number): void {
    this.#answers.delete(key)
    this.#queue.push(...this.description.remove(key, this.nowMs))
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.#queue.push(...this.description.tick(this.nowMs))
    this.settle()
  }

  /** Carries effects out until nothing is left to do. */
  settle(): void {
    for (let effect = this.#queue.shift(); effect !== undefined; effect = this.#queue.shift()) this.#carryOut(effect)
  }

  #carryOut(effect: DescriptionEffect): void {
    switch (effect.type) {
      case "request":
        return this.#request(effect.peer, effect.piece)
      case "verify":
        return this.#verify(Buffer.concat(effect.pieces))
      case "strike":
        return void this.struck.push(effect.address)
      case "close":
        this.closed.push(effect.peer)
        return this.leave(effect.peer)
    }
  }

  #request(peer: number, piece: number): void {
    this.asked.push(`${peer}:${piece}`)
    const bytes = this.#answers.get(peer)?.(piece)
    if (bytes === undefined) return
    this.#queue.push(...this.description.received(peer, { piece, totalBytes: undefined, bytes }, this.nowMs))
  }

  #verify(info: Uint8Array): void {
    const isRight = Buffer.compare(info, INFO) === 0
    if (isRight) this.found = info
    this.#queue.push(...this.description.verified(isRight, this.nowMs))
  }
}

let peers: Peers

beforeEach(() => {
  peers = new Peers()
})

describe("the description of a document", () => {
  it("is asked of one peer, each piece once", () => {
    peers.join(1, honest)
    peers.settle()
    expect(peers.found).toEqual(Buffer.from(INFO))
    expect(peers.asked).toEqual([0, 1, 2, 3, 4, 5].map((piece) => `1:${piece}`))
  })

  it("is asked of several peers, in turn", () => {
    peers.join(1, silent)
    peers.join(2, honest)
    expect(peers.description.sourceCount).toBe(2)
    peers.settle()
    expect(peers.asked.filter((each) => each.startsWith("1:"))).toHaveLength(6)
    // What the silent one does not answer is asked of the other.
    peers.pass(15_000)
    expect(peers.found).toEqual(Buffer.from(INFO))
  })

  it("has its progress shown", () => {
    peers.join(1, (piece) => (piece < 2 ? honest(piece) : undefined))
    peers.settle()
    expect(peers.description.progress).toEqual({ receivedBytes: 2 * METADATA_PIECE_BYTES, totalBytes: SIZE })
  })

  it("that one peer alone sent wrong is a strike against it, and is asked of another", () => {
    peers.join(1, lying)
    peers.settle()
    expect(peers.struck).toEqual(["10.0.0.1:1"])
    expect(peers.closed).toEqual([1])
    peers.join(2, honest)
    peers.settle()
    expect(peers.found).toEqual(Buffer.from(INFO))
    expect(peers.struck).toEqual(["10.0.0.1:1"])
  })

  it("that several peers sent wrong is compared piece by piece with the right one: the liar alone answers for it", () => {
    const slow = (answer: Answer): Answer => {
      let count = 0
      return (piece) => (count++ < 1 ? answer(piece) : undefined)
    }
    // Both contribute to the first draft.
    peers.join(1, slow(honest))
    peers.join(2, silent)
    peers.settle()
    peers.leave(1)
    peers.leave(2)
    peers.join(3, lying)
    peers.settle()
    expect(peers.found).toBeUndefined()
    peers.join(4, honest)
    peers.settle()
    peers.pass(1)
    expect(peers.found).toEqual(Buffer.from(INFO))
    expect(peers.struck).toEqual(["10.0.0.3:1"])
  })

  it("of a wrong size leads nowhere: the next size is tried when all who claim it are struck", () => {
    peers.join(1, () => new Uint8Array(100), 100)
    peers.settle()
    expect(peers.struck).toEqual(["10.0.0.1:1"])
    peers.join(2, honest)
    peers.settle()
    expect(peers.found).toEqual(Buffer.from(INFO))
  })

  it("of the size that most networks claim is tried first", () => {
    peers.join(1, silent, 100)
    peers.join(2, silent, SIZE)
    peers.join(3, silent, SIZE)
    peers.settle()
    // The first was alone at first, and is given up when nothing comes of it.
    expect(peers.asked).toEqual(["1:0"])
    peers.pass(20_000)
    expect(peers.asked.some((each) => each.startsWith("2:"))).toBe(true)
  })

  it("is not held up by a peer that claims another size and sends nothing", () => {
    peers.join(1, silent, 64 * 1024 * 1024)
    peers.settle()
    peers.join(2, honest)
    peers.settle()
    expect(peers.found).toBeUndefined()
    peers.pass(20_000)
    expect(peers.found).toEqual(Buffer.from(INFO))
  })

  it("comes from a peer that rejects at first, after a rest", () => {
    let rejects = true
    peers.join(1, (piece) => (rejects ? undefined : honest(piece)))
    peers.settle()
    for (const piece of [0, 1, 2, 3, 4, 5]) peers.description.rejected(1, piece, peers.nowMs)
    rejects = false
    peers.pass(1_000)
    expect(peers.asked).toHaveLength(6)
    peers.pass(5_000)
    expect(peers.found).toEqual(Buffer.from(INFO))
  })

  it("is taken only from who was asked, and in its length", () => {
    peers.join(1, silent)
    peers.settle()
    expect(peers.description.received(2, { piece: 0, totalBytes: undefined, bytes: pieceOf(INFO, 0) }, 0)).toEqual([])
    const short = { piece: 0, totalBytes: undefined, bytes: new Uint8Array(5) }
    expect(peers.description.received(1, short, 0).map(({ type }) => type)).toEqual(["strike", "close"])
  })

  it("is not asked of one peer with more than eight requests at a time", () => {
    peers.join(1, silent, 64 * 1024 * 1024)
    peers.settle()
    expect(peers.asked).toHaveLength(8)
    expect(metadataPieceBytes(64 * 1024 * 1024, 4_095)).toBe(METADATA_PIECE_BYTES)
  })
})
