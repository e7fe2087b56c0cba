import { describe, expect, it } from "vitest"
import { type ScriptedPeer, SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import { needsUnitDigests } from "./evidence.js"

/** Memory for two parts of eight blocks: a third peer shares one of them. */
function sharedParts() {
  const bench = new SwarmBench({
    partCount: 4,
    partSizeBytes: 8 * BLOCK,
    budgetBytes: 1,
    config: { minPipelineBytes: 4 * BLOCK, slowStartMs: 0, pipelineMs: 0 },
  })
  const [first, second, third] = [1, 2, 3].map(() => bench.connect({ has: "all", unchokes: true }))
  if (first === undefined || second === undefined || third === undefined) throw new Error("three peers")
  const [index = -1] = third.askedParts
  const owner = first.askedParts.includes(index) ? first : second
  return { bench, index, owner, sharer: third }
}

/** A digest of one byte a unit: wrong where `sentBy` sent it. */
function digests(blocks: readonly { readonly begin: number }[]): Uint8Array {
  const units = new Uint8Array(8)
  for (const { begin } of blocks) units[begin / BLOCK] = 1
  return units
}

/** The part is fetched by two and fails by the bytes of one of them. */
function fail({ bench, index, owner, sharer }: ReturnType<typeof sharedParts>, liar: ScriptedPeer) {
  const lies = [...liar.asked].filter((block) => block.index === index)
  sharer.sendsPart(index)
  owner.sendsPart(index)
  expect(bench.checks).toEqual([index])
  expect(needsUnitDigests(bench.state, index, "mismatch")).toBe(true)
  bench.handle({ type: "partChecked", index, outcome: "mismatch", unitDigests: digests(lies) })
}

/** Every peer sends block by block what it is asked for, right this time, until the document is complete. */
function fetchRest(bench: SwarmBench, look: () => void = () => undefined): void {
  let checked = bench.checks.length
  for (let turn = 0; turn < 200 && !bench.state.have.isFull; turn++) {
    for (const peer of bench.peers) peer.sendsAsked(1)
    for (const index of bench.checks.slice(checked))
      bench.handle({ type: "partChecked", index, outcome: "stored", unitDigests: digests([]) })
    checked = bench.checks.length
    look()
  }
  expect(bench.state.have.isFull).toBe(true)
}

describe("a part that several peers share", () => {
  it("is asked of each for other blocks, and only where there is no memory for one more part [E2]", () => {
    const { owner, sharer, index } = sharedParts()
    const begins = (peer: ScriptedPeer) => peer.asked.filter((each) => each.index === index).map(({ begin }) => begin)
    expect([...begins(owner), ...begins(sharer)].sort((a, b) => a - b)).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((at) => at * BLOCK),
    )
    const roomy = new SwarmBench({ partCount: 4, partSizeBytes: 8 * BLOCK, config: { minPipelineBytes: 4 * BLOCK } })
    const peers = [1, 2, 3].map(() => roomy.connect({ has: "all", unchokes: true }))
    expect(new Set(peers.flatMap(({ askedParts }) => askedParts)).size).toBe(3)
  })

  it.each(["owner", "sharer"] as const)(
    "strikes the %s that lied once it has come right, and not the other [E2]",
    (culprit) => {
      const run = sharedParts()
      const { bench, index, owner, sharer } = run
      const [liar, honest] = culprit === "owner" ? [owner, sharer] : [sharer, owner]
      fail(run, liar)
      expect(bench.state.suspects.size).toBe(2)
      expect(needsUnitDigests(bench.state, index, "stored")).toBe(true)
      fetchRest(bench)
      expect(bench.state.book.get(liar.address)?.badParts.size).toBe(1)
      expect(bench.state.book.get(honest.address)?.badParts.size).toBe(0)
      expect([bench.state.suspects.size, bench.state.unresolved.size]).toEqual([0, 0])
    },
  )

  it("is not shared by those that sent a spoilt one until that has come right [E2]", () => {
    const run = sharedParts()
    const { bench, owner, sharer } = run
    fail(run, owner)
    const begunBefore = new Set(bench.state.inFlight.keys())
    let begunSince = 0
    fetchRest(bench, () => {
      if (bench.state.suspects.size === 0) return
      for (const part of bench.state.inFlight.values()) {
        if (begunBefore.has(part.index) || part.owners.size === 0) continue
        begunSince++
        const owners = [...part.owners].map((key) => bench.peers[key])
        if (owners.includes(owner) || owners.includes(sharer)) expect(owners).toHaveLength(1)
      }
    })
    expect(begunSince).toBeGreaterThan(0)
  })

  it("needs no digests where one peer sent all of it", () => {
    const bench = new SwarmBench({ partCount: 1 })
    bench.connect({ has: "all", unchokes: true }).sendsAsked()
    expect(needsUnitDigests(bench.state, 0, "mismatch")).toBe(false)
    expect(needsUnitDigests(bench.state, 0, "stored")).toBe(false)
  })
})
