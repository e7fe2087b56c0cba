import { describe, expect, it } from "vitest"
import { encodeCompact } from "./compact.js"
import { PeerListText } from "./peer-list-text.js"

const compact = (host: string, port: number) => encodeCompact(host, port) ?? new Uint8Array()
const listOf = (...peers: Uint8Array[]) => Buffer.concat(peers)
const portsOf = (text: string) =>
  (JSON.parse(`[${text}]`) as { listening_port: number }[]).map(({ listening_port }) => listening_port)

const four = [1, 22, 65_535].map((port) => compact("10.0.0.1", port))
const six = [4_444, 55_555].map((port) => compact("2001:db8::1", port))
const none = new Uint8Array()

describe("a list of peers as text", () => {
  it("is given to each of them without itself", () => {
    const list = new PeerListText(listOf(...four), listOf(...six))
    const others = [...four, ...six].map((peer) => portsOf(list.without(peer, 5, Math.random)))
    expect(others).toEqual([
      [22, 65_535, 4_444, 55_555],
      [1, 65_535, 4_444, 55_555],
      [1, 22, 4_444, 55_555],
      [1, 22, 65_535, 55_555],
      [1, 22, 65_535, 4_444],
    ])
  })

  it("is whole for a stranger while it keeps the limit, and short of a random one beyond it", () => {
    const list = new PeerListText(listOf(...four), none)
    const stranger = compact("10.0.0.2", 22)
    expect(portsOf(list.without(stranger, 3, () => 0.5))).toEqual([1, 22, 65_535])
    expect(portsOf(list.without(stranger, 2, () => 0.5))).toEqual([1, 65_535])
    expect(portsOf(list.without(stranger, 2, () => 0.99))).toEqual([1, 22])
  })

  it("may be of one peer, or of none", () => {
    for (const [lists, peer] of [
      [[listOf(...four.slice(0, 1)), none], four[0]],
      [[none, listOf(...six.slice(0, 1))], six[0]],
    ] as const)
      expect(new PeerListText(lists[0], lists[1]).without(peer ?? none, 9, Math.random)).toBe("")
    expect(new PeerListText(none, none).without(compact("10.0.0.1", 1), 9, Math.random)).toBe("")
  })

  it("says whether it is of use outside this machine", () => {
    expect(new PeerListText(listOf(...four), listOf(...six)).hasLoopback).toBe(false)
    expect(new PeerListText(listOf(...four, compact("127.9.9.9", 1)), none).hasLoopback).toBe(true)
    expect(new PeerListText(none, listOf(...six, compact("::1", 1))).hasLoopback).toBe(true)
  })
})
