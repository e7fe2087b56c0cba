import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { ScriptedUdpTracker } from "../testing/scripted-udp-tracker.js"
import { untilSo } from "../testing/until-so.js"
import { createBep3Tracker } from "./bep3-tracker.js"
import type { UdpListener } from "./udp-exchange.js"
import { createUdpTracker, type UdpTrackerOptions } from "./udp-tracker.js"

const ids = { infoHash: new Uint8Array(20).fill(7), peerId: new Uint8Array(20).fill(8) }
const request = { hash: "", listeningHost: "0.0.0.0", listeningPort: 7001, left: 5, event: "started" } as const

let clock: FakeClock
/** What was sent, each with where and when. */
let sent: { readonly to: string; readonly atMs: number; readonly bytes: Buffer }[]
let lines: (UdpListener & { readonly to: string; isClosed: boolean })[]

beforeEach(() => {
  clock = new FakeClock()
  sent = []
  lines = []
})

/** A tracker whose datagrams go nowhere: the test answers. */
function tracker(announceUrl: string, options: Partial<UdpTrackerOptions> = {}) {
  return createUdpTracker({
    ...{ announceUrl, ...ids, clock },
    open: ({ address }, port, listener) => {
      const to = `${address} ${port}`
      const line = { ...listener, to, isClosed: false }
      lines.push(line)
      return {
        send: (bytes) => void sent.push({ to, atMs: clock.now(), bytes: Buffer.from(bytes) }),
        close: () => {
          line.isClosed = true
        },
      }
    },
    ...options,
  })
}

const transactionOf = (index: number) => sent[index]?.bytes.subarray(12, 16) ?? Buffer.alloc(0)
const connected = (index: number) => Buffer.concat([word(0), transactionOf(index), Buffer.from("abcdefgh")])
const announced = (index: number, seconds = 60) =>
  Buffer.concat([
    word(1),
    transactionOf(index),
    word(seconds),
    word(0),
    word(0),
    Buffer.from([10, 0, 0, 2, 0x1b, 0x59]),
  ])

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

describe("a UDP tracker", () => {
  it("is asked for a connection id, then announced to with it", async () => {
    const answer = tracker("udp://10.0.0.9:6969/announce").announce(request)
    await clock.pass(0)
    lines[0]?.onDatagram(connected(0))
    expect(sent[1]?.bytes.subarray(0, 8).toString()).toBe("abcdefgh")
    lines[0]?.onDatagram(announced(1))
    expect(await answer).toEqual({
      ...{ peers: [{ host: "10.0.0.2", port: 7001 }], intervalSeconds: 60, minIntervalSeconds: 60 },
    })
    expect(sent[1]?.bytes.subarray(98).toString("latin1")).toBe("\x02\x09/announce")
    expect([lines[0]?.isClosed, clock.timerCount]).toEqual([true, 0])
  })

  it("that does not answer is asked again after 15 and 30 s, each time with a new connection id, and given up [M4]", async () => {
    const answer = tracker("udp://10.0.0.9:6969").announce(request)
    const failure = expect(answer).rejects.toMatchObject({
      ...{ code: "timeout", message: "the tracker at udp://10.0.0.9:6969 did not answer within 105 s" },
    })
    await clock.pass(3_600_000)
    await failure
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 15_000, 45_000])
    expect(new Set(sent.map(({ bytes }) => bytes.toString("hex"))).size).toBe(3)
    expect(lines.every(({ isClosed }) => isClosed)).toBe(true)
  })

  it("of which the answer to the announce is lost gets a new connection id before the old one is a minute old [M4]", async () => {
    const answer = tracker("udp://10.0.0.9:6969").announce(request)
    await clock.pass(14_000)
    lines[0]?.onDatagram(connected(0))
    await clock.pass(1_000)
    expect(sent.map(({ bytes }) => bytes.length)).toEqual([16, 98, 16])
    lines[1]?.onDatagram(connected(2))
    lines[1]?.onDatagram(announced(3))
    expect((await answer).peers).toHaveLength(1)
  })

  it("is not believed in the words of others: another transaction, a repeated answer, an early one [M4]", async () => {
    const answer = tracker("udp://10.0.0.9:6969").announce(request)
    await clock.pass(0)
    const forged = Buffer.from(announced(0))
    forged[4] = (forged[4] ?? 0) ^ 1
    for (const bytes of [forged, announced(0), Buffer.from("0000"), Buffer.alloc(0)]) lines[0]?.onDatagram(bytes)
    lines[0]?.onDatagram(connected(0))
    lines[0]?.onDatagram(connected(0))
    expect(sent).toHaveLength(2)
    lines[0]?.onDatagram(announced(1))
    expect((await answer).peers).toHaveLength(1)
    lines[0]?.onDatagram(announced(1))
    expect(clock.timerCount).toBe(0)
  })

  it("with several addresses is asked at each in turn, IPv4 first, at once where nothing listens", async () => {
    const lookup: UdpTrackerOptions["lookup"] = (_name, _options, done) =>
      done(null, [
        { address: "fd00::9", family: 6 },
        { address: "10.0.0.9", family: 4 },
      ])
    const answer = tracker("udp://t.lab:6969", { lookup }).announce(request)
    await clock.pass(0)
    expect(sent[0]?.to).toBe("10.0.0.9 6969")
    lines[0]?.onError(Object.assign(new Error("no"), { code: "ECONNREFUSED" }))
    await clock.pass(0)
    expect(sent[1]).toMatchObject({ to: "fd00::9 6969", atMs: 0 })
    const failure = expect(answer).rejects.toMatchObject({
      code: "unreachable",
      message: "no tracker can be reached at udp://t.lab:6969: nothing listens there (ECONNREFUSED)",
    })
    lines[1]?.onError(Object.assign(new Error("no"), { code: "ECONNREFUSED" }))
    await failure
  })

  it.each([
    ["the address of a cloud's metadata", "udp://169.254.169.254:6969"],
    ["a group", "udp://239.192.152.143:6771"],
    ["a service of this machine", "udp://127.0.0.1:53"],
    ["a service of the own network", "udp://10.0.0.1:161"],
  ])("is not asked at %s [M4]", async (_, url) => {
    await expect(tracker(url).announce(request)).rejects.toMatchObject({ code: "forbidden_address" })
    expect(lines).toEqual([])
  })

  it("that is given up closes its line, and rejects with the reason", async () => {
    const controller = new AbortController()
    const answer = tracker("udp://10.0.0.9:6969").announce(request, controller.signal)
    await clock.pass(0)
    const failure = expect(answer).rejects.toThrow("gone")
    controller.abort(new Error("gone"))
    await failure
    expect([lines[0]?.isClosed, clock.timerCount]).toEqual([true, 0])
  })
})

describe("a UDP tracker on real sockets", () => {
  let real: ScriptedUdpTracker | undefined

  afterEach(async () => {
    await real?.close()
    real = undefined
  })

  it.each([
    ["127.0.0.1", "127.0.0.1", [127, 0, 0, 1, 0x1b, 0x5a]],
    ["::1", "[::1]", [...new Array(15).fill(0), 1, 0x1b, 0x5a]],
  ] as const)("answers over %s, whatever was forged before", async (host, shown, peer) => {
    real = await ScriptedUdpTracker.start(host)
    real.peers = Uint8Array.from(peer)
    real.before = (datagram) => (datagram.length > 16 ? Buffer.alloc(40, 1) : undefined)
    const client = createBep3Tracker({ announceUrl: `udp://${shown}:${real.port}/announce`, ...ids })
    const { peers } = await client.announce({ ...request, listeningHost: host })
    expect(peers).toEqual([{ host, port: 7002 }])
    expect(real.announces[0]?.subarray(16, 36)).toEqual(Buffer.from(ids.infoHash))
    expect(client.url).toBe(`udp://${shown}:${real.port}`)
  })

  it("is not believed in the words of others: the right answer from another address [M4]", async () => {
    real = await ScriptedUdpTracker.start()
    real.answersFromElsewhere = true
    const client = createUdpTracker({ announceUrl: `udp://127.0.0.1:${real.port}`, ...ids, clock })
    const answer = client.announce(request)
    await untilSo(() => real?.announces.length === 1)
    real.answersFromElsewhere = false
    clock.advance(15_000)
    await answer
    expect(real.announces).toHaveLength(2)
  })

  it("that refuses is quoted", async () => {
    real = await ScriptedUdpTracker.start()
    real.refusal = "not registered"
    const client = createBep3Tracker({ announceUrl: `udp://127.0.0.1:${real.port}`, ...ids })
    await expect(client.announce(request)).rejects.toMatchObject({
      ...{ code: "refused", message: "the tracker refused: not registered" },
    })
  })

  it("that is not there is reported at once", async () => {
    const gone = await ScriptedUdpTracker.start()
    const { port } = gone
    await gone.close()
    const client = createBep3Tracker({ announceUrl: `udp://127.0.0.1:${port}`, ...ids })
    await expect(client.announce(request)).rejects.toMatchObject({ code: "unreachable" })
  })
})
