import { beforeEach, describe, expect, it } from "vitest"
import type { ClientEvent } from "../api/events.js"
import { FakeClock } from "../testing/fake-clock.js"
import { seededRandom } from "../testing/seeded-random.js"
import { SimulatedLan, type SimulatedLanHost } from "../testing/simulated-lan.js"
import { encodeLanMessage, LAN_GROUP4 } from "./lan-message.js"
import { LocalNetwork } from "./local-network.js"
import type { MeetingMember } from "./meeting.js"

const MINUTE_MS = 60_000

let clock: FakeClock
let lan: SimulatedLan
let events: ClientEvent[]

beforeEach(() => {
  clock = new FakeClock(5_000)
  lan = new SimulatedLan()
  events = []
})

function client(host: SimulatedLanHost, cookie = host.addresses.join()): LocalNetwork {
  return new LocalNetwork({
    ...{ network: host, listeningHost: "0.0.0.0", listeningPort: 7001, cookie, clock },
    ...{ random: seededRandom(3), onEvent: (event: ClientEvent) => events.push(event) },
  })
}

class Member implements MeetingMember {
  readonly found: string[] = []
  readonly localName: Uint8Array
  isOpen = false
  isFinished: boolean

  constructor(name: number, isFinished: boolean) {
    this.isFinished = isFinished
    this.localName = new Uint8Array(20).fill(name)
  }

  lacksParts(): boolean {
    return !this.isFinished
  }

  onPeers(addresses: readonly string[], source: string): void {
    expect(source).toBe("lan")
    this.found.push(...addresses)
  }
}

const wanting = (name = 1) => new Member(name, false)
const seed = (name = 1) => new Member(name, true)
const nameOf = (member: Member) => Buffer.from(member.localName).toString("hex")

describe("on a local network", () => {
  it("a download finds the seeds that were there before, and they find it", () => {
    const [there, here] = [seed(), wanting()]
    client(lan.addHost("10.0.0.1")).join(there)
    clock.advance(MINUTE_MS)
    client(lan.addHost("10.0.0.2")).join(here)
    clock.advance(1_000)
    expect(there.found).toEqual(["10.0.0.2:7001"])
  })

  it("a download that waits hears of a seed that starts", () => {
    const [there, here] = [wanting(), seed()]
    client(lan.addHost("10.0.0.1")).join(there)
    clock.advance(MINUTE_MS)
    client(lan.addHost("10.0.0.2")).join(here)
    clock.advance(1_000)
    expect(there.found).toEqual(["10.0.0.2:7001"])
  })

  it("seeds do not call each other", () => {
    const [there, here] = [seed(), seed()]
    client(lan.addHost("10.0.0.1")).join(there)
    client(lan.addHost("10.0.0.2")).join(here)
    clock.advance(MINUTE_MS)
    expect([...there.found, ...here.found]).toEqual([])
  })

  it("a client does not find itself, or documents of others", () => {
    const [own, other] = [wanting(1), wanting(2)]
    const place = client(lan.addHost("10.0.0.1"))
    place.join(own)
    place.join(other)
    client(lan.addHost("10.0.0.2")).join(wanting(3))
    clock.advance(10 * MINUTE_MS)
    expect([...own.found, ...other.found]).toEqual([])
  })

  it("two clients of one machine find each other", () => {
    const host = lan.addHost("10.0.0.1")
    const [one, other] = [wanting(), wanting()]
    client(host, "a").join(one)
    client(host, "b").join(other)
    clock.advance(1_000)
    expect(one.found).toContain("10.0.0.1:7001")
  })

  it("a client with nothing to fetch is silent: two announces of what it has, then none, and no timer but the look at its interfaces [M1]", () => {
    const place = client(lan.addHost("10.0.0.1"))
    place.join(seed())
    clock.advance(MINUTE_MS)
    expect(lan.sent).toHaveLength(2)
    clock.advance(24 * 60 * MINUTE_MS)
    expect(lan.sent).toHaveLength(2)
    expect(clock.timerCount).toBe(1)
  })

  it("a client without documents opens no port, and has no timer [M1]", () => {
    const host = lan.addHost("10.0.0.1")
    const leave = client(host).join(wanting())
    expect(host.openPorts).toBe(1)
    leave()
    leave()
    expect([host.openPorts, clock.timerCount]).toEqual([0, 0])
  })

  it("a document that lacks parts is announced at once, twice more, and then at BEP 14's interval [M1]", () => {
    const member = wanting()
    client(lan.addHost("10.0.0.1")).join(member)
    clock.advance(MINUTE_MS)
    expect(lan.sent).toHaveLength(3)
    clock.advance(60 * MINUTE_MS)
    expect(lan.sent.length).toBeGreaterThanOrEqual(3 + 10)
    expect(lan.sent.length).toBeLessThanOrEqual(3 + 14)
    member.isFinished = true
    const before = lan.sent.length
    clock.advance(60 * MINUTE_MS)
    expect(lan.sent).toHaveLength(before)
  })

  it("a thousand documents are announced a few at a time, several in a datagram, and a download does not wait for seeds [M1]", () => {
    const place = client(lan.addHost("10.0.0.1"))
    for (let index = 0; index < 1_000; index++) {
      const member = seed()
      member.localName.set([index >> 8, index & 255])
      member.isOpen = index % 2 === 0
      place.join(member)
    }
    clock.advance(1_000)
    expect(lan.sent.length).toBeLessThanOrEqual(8)
    place.join(wanting(9))
    clock.advance(100)
    expect(lan.sent.at(-1)?.text).toContain(nameOf(wanting(9)))
    clock.advance(10 * MINUTE_MS)
    expect(lan.sent.length).toBeLessThanOrEqual(8 + 660 / 4 + 6)
    expect(Math.max(...lan.sent.map(({ text }) => text.length))).toBeLessThanOrEqual(1_400)
  })

  it("an open document has a datagram of its own, because other clients read one name", () => {
    const place = client(lan.addHost("10.0.0.1"))
    const members = [wanting(1), wanting(2), wanting(3)]
    for (const member of members) {
      member.isOpen = true
      place.join(member)
    }
    clock.advance(100)
    expect(lan.sent.map(({ text }) => text.match(/Infohash/g)?.length)).toEqual([1, 1, 1])
  })

  it("interfaces that come and go are followed: a new network is announced to", () => {
    const host = lan.addHost("10.0.0.1")
    const [member, there] = [wanting(), seed()]
    client(host).join(member)
    clock.advance(10 * MINUTE_MS)
    host.addresses = ["10.0.9.1"]
    client(lan.addHost("10.0.9.2")).join(there)
    clock.advance(16_000)
    expect(there.found).toEqual(["10.0.9.1:7001"])
    host.addresses = []
    clock.advance(10 * MINUTE_MS)
    const before = lan.sent.length
    clock.advance(30 * MINUTE_MS)
    expect(lan.sent).toHaveLength(before)
  })

  it("what failed on an interface is tried again, and noted once", () => {
    const host = lan.addHost("10.0.0.1")
    host.failing = "eth0 (10.0.0.1): ENODEV"
    client(host).join(wanting())
    clock.advance(10 * MINUTE_MS)
    expect(events.map(({ level, message }) => [level, message])).toEqual([
      ["debug", "local network: eth0 (10.0.0.1): ENODEV"],
    ])
    host.failing = undefined
    clock.advance(5_000)
    const before = lan.sent.length
    clock.advance(MINUTE_MS)
    expect(lan.sent.length).toBeGreaterThan(before)
    expect(host.openPorts).toBe(1)
  })
})

describe("hostile datagrams", () => {
  const announce = (port: number, name: string, isFinished = false) =>
    encodeLanMessage({ port, names: [name], cookie: undefined, isFinished }, LAN_GROUP4)

  it("are never answered: no datagram follows from one [M2]", () => {
    const member = seed()
    client(lan.addHost("10.0.0.1")).join(member)
    clock.advance(MINUTE_MS)
    const before = lan.sent.length
    for (let count = 0; count < 50; count++) lan.deliver(announce(7001, nameOf(member)), "10.0.0.66")
    clock.advance(MINUTE_MS)
    expect(lan.sent).toHaveLength(before + 50)
    expect(member.found.length).toBeGreaterThan(0)
  })

  it("of a sender outside of the network, or with a port of other services, name no peer [M2]", () => {
    const member = wanting()
    client(lan.addHost("10.0.0.1")).join(member)
    for (const from of ["8.8.8.8", "127.0.0.1", "10.0.1.5", "169.254.169.254", "::1", "no address"])
      lan.deliver(announce(7001, nameOf(member)), from)
    for (const port of [22, 80, 1_023]) lan.deliver(announce(port, nameOf(member)), "10.0.0.66")
    expect(member.found).toEqual([])
    lan.deliver(announce(1_024, nameOf(member)), "10.0.0.66")
    expect(member.found).toEqual(["10.0.0.66:1024"])
  })

  it("in a flood are read a bounded number of times, of one sender and of all, and another sender is heard [M2]", () => {
    const member = wanting()
    client(lan.addHost("10.0.0.1")).join(member)
    for (let count = 0; count < 100_000; count++) lan.deliver(announce(7001, nameOf(member)), "10.0.0.66")
    expect(member.found.length).toBeLessThanOrEqual(64)
    lan.deliver(announce(7002, nameOf(member)), "10.0.0.67")
    expect(member.found.at(-1)).toBe("10.0.0.67:7002")
    for (let count = 0; count < 100_000; count++) lan.deliver(announce(7001, nameOf(member)), `10.0.0.${count % 250}`)
    expect(member.found.length).toBeLessThanOrEqual(512)
  })
})
