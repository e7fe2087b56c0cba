import { describe, expect, it } from "vitest"
import { COMPACT4_BYTES, COMPACT6_BYTES, encodeCompact, formatCompact, splitCompact } from "./compact.js"
import { PeerSample } from "./peer-sample.js"

const compact = (host: string, port: number) => encodeCompact(host, port) ?? new Uint8Array()
const four = [1, 2].map((port) => compact("10.0.0.1", port))
const six = [3, 4].map((port) => compact("2001:db8::1", port))
const sampleOf = (limit: number) => new PeerSample(Buffer.concat(four), Buffer.concat(six), limit)

/** The ports of what is left, both as bytes and as text. */
function portsWithout(sample: PeerSample, peer: Uint8Array, chance = 0): { bytes: number[]; text: number[] } {
  const { peers4, peers6 } = sample.without(peer, () => chance)
  const all = [...splitCompact(peers4, COMPACT4_BYTES), ...splitCompact(peers6, COMPACT6_BYTES)].map(formatCompact)
  const members: { listening_port: number }[] = JSON.parse(`[${sample.textWithout(peer, () => chance).text}]`)
  return {
    bytes: all.map((address) => Number(address.split(":").at(-1))),
    text: members.map(({ listening_port }) => listening_port),
  }
}

describe("a sample of peers", () => {
  it.each([
    [four[0], [2, 3, 4]],
    [four[1], [1, 3, 4]],
    [six[0], [1, 2, 4]],
    [six[1], [1, 2, 3]],
  ])("is given to each of them without itself", (peer = new Uint8Array(), ports) => {
    expect(portsWithout(sampleOf(3), peer)).toEqual({ bytes: ports, text: ports })
  })

  it.each([
    [0, [2, 3, 4]],
    [0.3, [1, 3, 4]],
    [0.5, [1, 2, 4]],
    [0.99, [1, 2, 3]],
  ])("lacks one by chance (%d) for a stranger", (chance, ports) => {
    expect(portsWithout(sampleOf(3), compact("10.0.0.2", 1), chance)).toEqual({ bytes: ports, text: ports })
  })

  it("is whole for a stranger whose limit it keeps", () => {
    expect(portsWithout(sampleOf(4), compact("10.0.0.2", 1)).bytes).toEqual([1, 2, 3, 4])
  })

  it("gives its readers bytes of their own", () => {
    const sample = sampleOf(4)
    sample.without(compact("10.0.0.2", 1), Math.random).peers4.fill(0)
    expect(portsWithout(sample, compact("10.0.0.2", 1)).bytes).toEqual([1, 2, 3, 4])
  })
})
