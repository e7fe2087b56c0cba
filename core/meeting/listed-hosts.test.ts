import { beforeEach, describe, expect, it } from "vitest"
import { parseHostLists } from "../address/host-list.js"
import type { ClientEvent } from "../api/events.js"
import { FakeClock } from "../testing/fake-clock.js"
import { seededRandom } from "../testing/seeded-random.js"
import { ListedHosts, type ListedHostsOptions } from "./listed-hosts.js"
import type { MeetingMember } from "./meeting.js"

let clock: FakeClock
let events: ClientEvent[]
/** What the name server holds; a name that is not there is unknown to it. */
let names: Map<string, readonly string[]>
let asked: string[]
let nameServerIsAway: boolean

beforeEach(() => {
  clock = new FakeClock(1_000)
  events = []
  names = new Map()
  asked = []
  nameServerIsAway = false
})

async function lookup(name: string): Promise<readonly string[]> {
  asked.push(name)
  const found = nameServerIsAway ? undefined : names.get(name)
  if (found !== undefined) return found
  throw Object.assign(new Error(`getaddrinfo ${name}`), { code: nameServerIsAway ? "EAI_AGAIN" : "ENOTFOUND" })
}

function listed(list: string, options: Partial<ListedHostsOptions> = {}): ListedHosts {
  const hosts = parseHostLists([list])
  if (typeof hosts === "string") throw new TypeError(hosts)
  return new ListedHosts({
    ...{ hosts, lookup, clock, random: seededRandom(1), ownHosts: () => new Set(["10.0.0.1"]), ownPort: 7001 },
    onEvent: (event) => events.push(event),
    ...options,
  })
}

/** A document that collects what it is given. */
class Member implements MeetingMember {
  readonly localName = undefined
  readonly isOpen = false
  readonly offers: (readonly string[])[] = []
  isFinished = false

  lacksParts(): boolean {
    return !this.isFinished
  }

  onPeers(addresses: readonly string[], source: string): void {
    expect(source).toBe("listed")
    this.offers.push(addresses)
  }

  get addresses(): readonly string[] {
    return this.offers.flat().toSorted()
  }
}

function seed(): Member {
  const member = new Member()
  member.isFinished = true
  return member
}

describe("listed hosts", () => {
  it("gives addresses to a document at once, without our own", () => {
    const member = new Member()
    listed("10.0.0.[1-3]:7001,10.0.0.1:7002").join(member)
    expect(member.addresses).toEqual(["10.0.0.1:7002", "10.0.0.2:7001", "10.0.0.3:7001"])
    expect(clock.timerCount).toBe(0)
  })

  it("gives each document another order, so that a cluster does not begin with one host", () => {
    const hosts = listed("10.0.1.[1-50]:7001")
    const [one, other] = [new Member(), new Member()]
    hosts.join(one)
    hosts.join(other)
    expect(one.offers).not.toEqual(other.offers)
    expect(one.addresses).toEqual(other.addresses)
  })

  it("looks names up, and again at intervals while parts are missing", async () => {
    names.set("a", ["10.0.0.5", "fd00::5"]).set("b", ["10.0.0.6"])
    const member = new Member()
    listed("a:1,b:2").join(member)
    await clock.pass(0)
    expect(member.addresses).toEqual(["10.0.0.5:1", "10.0.0.6:2", "[fd00::5]:1"])
    names.set("b", ["10.0.0.7"])
    await clock.pass(400_000)
    expect(member.addresses).toContain("10.0.0.7:2")
    expect(member.offers.flat()).toHaveLength(4)
  })

  it("looks nothing up while every document is finished", async () => {
    names.set("a", ["10.0.0.5"])
    const member = new Member()
    listed("a:1").join(member)
    await clock.pass(0)
    member.isFinished = true
    await clock.pass(3_600_000)
    expect(asked).toEqual(["a"])
    expect(clock.timerCount).toBe(0)
  })

  it("looks nothing up before a document is there, and nothing after the last has left", async () => {
    const hosts = listed("a:1")
    await clock.pass(3_600_000)
    expect(asked).toEqual([])
    const leave = hosts.join(new Member())
    leave()
    leave()
    await clock.pass(3_600_000)
    expect(asked).toEqual([])
  })

  it("waits longer after each failed look-up, with a spread, and says so once", async () => {
    listed("a:1,10.0.0.9:1").join(new Member())
    const atMs: number[] = []
    for (let second = 0; second < 3_600; second++) {
      const before = asked.length
      await clock.pass(1_000)
      if (asked.length > before) atMs.push(second)
    }
    expect(asked.length).toBeGreaterThan(10)
    expect(asked.length).toBeLessThan(22)
    expect(new Set(atMs.slice(6).map((at, index) => at - (atMs[index + 5] ?? 0))).size).toBeGreaterThan(1)
    expect(events.map(({ message }) => message)).toEqual([
      '1 of 1 names of "peers" lead nowhere; a: there is no such name',
    ])
  })

  it("keeps what it found while the name server is away", async () => {
    names.set("a", ["10.0.0.5"])
    const hosts = listed("a:1")
    hosts.join(new Member())
    await clock.pass(0)
    nameServerIsAway = true
    await clock.pass(600_000)
    const late = new Member()
    hosts.join(late)
    expect(late.addresses).toEqual(["10.0.0.5:1"])
    expect(events.map(({ name }) => name)).toEqual(["peers_unresolved"])
  })

  it("makes a few look-ups at a time", async () => {
    let atOnce = 0
    let most = 0
    const slow = async () => {
      most = Math.max(most, ++atOnce)
      await new Promise((resolve) => setImmediate(resolve))
      atOnce--
      return []
    }
    listed("n[1-100]:1", { lookup: slow }).join(new Member())
    await clock.pass(0)
    for (let turn = 0; turn < 60; turn++) await clock.pass(0)
    expect(most).toBe(4)
  })

  it("uses no loopback, link-local or multicast address of a name, and a few of many", async () => {
    names.set("a", ["127.0.1.1", "169.254.169.254", "224.0.0.1", "0.0.0.0", "10.0.0.5"]).set("localhost", ["127.0.0.1"])
    names.set(
      "b",
      Array.from({ length: 100 }, (_, index) => `10.1.0.${index}`),
    )
    const member = new Member()
    listed("a:1,localhost:1,b:1").join(member)
    await clock.pass(0)
    expect(member.addresses.slice(0, 2)).toEqual(["10.0.0.5:1", "10.1.0.0:1"])
    expect(member.addresses).toHaveLength(2 + 16)
  })

  it("has finished documents call a bounded number of hosts: a start with many is no storm", async () => {
    const hosts = listed("10.0.1.[1-200]:7001")
    const seeds = Array.from({ length: 1_000 }, seed)
    for (const member of seeds) hosts.join(member)
    expect(seeds.flatMap(({ addresses }) => addresses)).toHaveLength(512)
    const late = new Member()
    hosts.join(late)
    expect(late.addresses).toHaveLength(200)
    clock.advance(60_000)
    const another = seed()
    hosts.join(another)
    expect(another.addresses).toHaveLength(60)
  })

  it("ends with the client, also while a look-up is under way", async () => {
    let answer: (hosts: readonly string[]) => void = () => undefined
    const hosts = listed("a:1", { lookup: () => new Promise((resolve) => (answer = resolve)) })
    const member = new Member()
    hosts.join(member)
    await clock.pass(0)
    hosts.close()
    hosts.close()
    answer(["10.0.0.5"])
    await clock.pass(3_600_000)
    expect(member.offers).toEqual([])
    expect(clock.timerCount).toBe(0)
  })
})
