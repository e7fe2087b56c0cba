import { describe, expect, it } from "vitest"
import type { PeerReason } from "../api/why.js"
import { seededRandom } from "../testing/seeded-random.js"
import { defaultSwarmConfig } from "./config.js"
import { PeerBook } from "./peer-book.js"

const failure = (code: string, message: string): PeerReason => ({ code: "failed", error: { code, message } })
const REFUSED = failure("refused", "refused the connection")
const HUNG_UP = failure("hung_up", "closed the connection in the handshake")
const LEFT = failure("ended", "closed the connection")
const BANNED = { code: "banned", part: 9, earlierParts: 1 } as const

const config = { ...defaultSwarmConfig, maxKnownPeers: 4, maxDialing: 2, redialMs: 1_000, maxRedialMs: 8_000 }

function bookOf(...addresses: string[]): PeerBook {
  const book = new PeerBook(config)
  for (const address of addresses) book.note(address, "tracker")
  return book
}

describe("listed hosts", () => {
  const many = { ...config, maxKnownPeers: 200, maxDialing: 200 }
  const hosts = Array.from({ length: 128 }, (_, index) => `10.0.${index}.1:7001`)

  it("that are all away are dialled ever less often, and not in step: no storm of retries", () => {
    const book = new PeerBook({ ...many, redialMs: 2_000, maxRedialMs: 120_000 }, undefined, seededRandom(7))
    for (const address of hosts) book.note(address, "listed")
    const dialsOfSecond: number[] = []
    for (let second = 0; second < 3_600; second++) {
      const dialled = book.takeDials(200, second * 1_000)
      for (const address of dialled) book.failed(address, REFUSED, second * 1_000)
      dialsOfSecond.push(dialled.length)
    }
    const lastHour = dialsOfSecond.slice(600)
    const total = lastHour.reduce((sum, count) => sum + count, 0)
    expect(total).toBeLessThan((128 * 3_000) / 90)
    expect(total).toBeGreaterThan((128 * 3_000) / 150)
    expect(Math.max(...lastHour)).toBeLessThan(16)
  })

  it("are trusted as those of a tracker are, also when an untrusted peer has named them before", () => {
    const book = new PeerBook(many)
    book.note("a", "exchange", "10.0.0.1")
    expect(book.note("a", "listed")?.vouched).toBe(true)
    expect(book.note("b", "listed")?.vouched).toBe(true)
  })
})

describe("an address of the local network", () => {
  it("is given up after few tries, and dialled at once when it announces itself again", () => {
    const book = new PeerBook(config)
    book.note("10.0.0.1:7001", "lan")
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1_000)
      for (const address of book.takeDials(1, nowMs)) book.failed(address, REFUSED, nowMs)
    expect(book.get("10.0.0.1:7001")?.attempts).toBe(2)
    book.note("10.0.0.1:7001", "lan")
    expect(book.takeDials(1, 60_000)).toEqual(["10.0.0.1:7001"])
  })

  it("is left alone when both have everything, however often it announces itself", () => {
    const book = new PeerBook(config)
    book.note("10.0.0.1:7001", "lan")
    book.rest("10.0.0.1:7001", 0)
    book.note("10.0.0.1:7001", "lan")
    expect(book.takeDials(1, 1_000)).toEqual([])
  })
})

describe("PeerBook", () => {
  it("hands out each address once, and only so many at a time", () => {
    const book = bookOf("a", "b", "c")
    expect(book.takeDials(10, 0)).toEqual(["a", "b"])
    expect(book.takeDials(10, 0)).toEqual([])
    book.failed("a", REFUSED, 0)
    expect(book.dialing).toBe(1)
    expect(book.takeDials(10, 0)).toEqual(["c"])
    expect(book.takeDials(0, 100_000)).toEqual([])
  })

  it("waits twice as long after each failure, up to a limit [hostile 26]", () => {
    const book = bookOf("a")
    let nowMs = 0
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 8_000]) {
      expect(book.takeDials(1, nowMs)).toEqual(["a"])
      book.failed("a", REFUSED, nowMs)
      expect(book.takeDials(1, nowMs + waitMs - 1)).toEqual([])
      nowMs += waitMs
    }
  })

  it("remembers connected peers, the most reliable first, and no untried or banned address", () => {
    const book = new PeerBook({ ...config, maxKnownPeers: 10, maxRememberedPeers: 3 })
    for (const address of ["a", "b", "c", "d", "heard"]) {
      const peer = book.note(address, "tracker")
      if (peer !== undefined && address !== "heard") book.connected(peer)
    }
    book.failed("a", LEFT, 0)
    book.ban("b", "tracker", BANNED)
    expect(book.worthRemembering()).toEqual(["c", "d", "a"])
    const late = book.note("e", "incoming")
    if (late !== undefined) book.connected(late)
    expect(book.worthRemembering()).toEqual(["c", "d", "e"])
  })

  it("counts failures anew after an address proved useful", () => {
    const book = bookOf("a")
    for (let count = 0; count < 5; count++) book.failed("a", REFUSED, 0)
    book.proved("a")
    book.failed("a", LEFT, 0)
    expect(book.takeDials(1, 1_000)).toEqual(["a"])
  })

  it("leaves a fellow seed alone for long", () => {
    const book = bookOf("a")
    book.rest("a", 0)
    expect(book.takeDials(1, config.seedRedialMs - 1)).toEqual([])
    expect(book.takeDials(1, config.seedRedialMs)).toEqual(["a"])
  })

  it("never dials a banned address or its own, whatever happens to the address later", () => {
    const book = bookOf("bad", "us")
    book.ban("bad", "tracker", BANNED)
    book.self("us")
    for (const address of ["bad", "us"]) {
      book.failed(address, LEFT, 0)
      book.rest(address, 0)
      const known = book.note(address, "tracker")
      if (known !== undefined) book.connected(known)
    }
    expect(book.isBanned("bad")).toBe(true)
    expect(book.takeDials(10, 10_000_000)).toEqual([])
  })

  it("is capped: a full book forgets one that failed before it refuses [hostile 38]", () => {
    const book = bookOf("a", "b", "c", "d")
    expect(book.note("e", "tracker")).toBeUndefined()
    book.failed("b", REFUSED, 0)
    expect(book.note("e", "tracker")?.address).toBe("e")
    expect(book.get("b")).toBeUndefined()
    expect(book.size).toBe(4)
    for (let count = 0; count < 100_000; count++) book.note(`host-${count}`, "tracker")
    expect(book.size).toBe(4)
  })

  it("keeps the bans, but for the oldest when they are more than half of a full book", () => {
    const book = bookOf("a", "b", "c", "d")
    for (const address of ["a", "b"]) book.ban(address, "tracker", BANNED)
    for (const address of ["c", "d"]) book.self(address)
    expect(book.note("e", "tracker")).toBeUndefined()
    const liars = bookOf("a", "b", "c", "d")
    for (const address of ["a", "b", "c", "d"]) liars.ban(address, "tracker", BANNED)
    for (const address of ["e", "f", "g"]) liars.note(address, "tracker")
    expect([...liars.all()].map(({ address }) => address)).toEqual(["c", "d", "e", "f"])
  })

  it("does not know a failure of an address it never noted", () => {
    const book = bookOf()
    book.failed("a", REFUSED, 0)
    expect(book.size).toBe(0)
  })

  it("dials untried addresses first, then those with the fewest failures, and fresh addresses before remembered ones [E1]", () => {
    const book = new PeerBook({ ...config, maxKnownPeers: 10, maxDialing: 10 })
    for (const address of ["old", "twice", "once"]) book.note(address, "remembered")
    for (const address of ["twice", "twice", "once"]) book.failed(address, REFUSED, 0)
    book.note("told", "exchange", "10.0.0.1")
    book.note("new", "tracker")
    expect(book.takeDials(10, 100_000)).toEqual(["new", "told", "old", "once", "twice"])
  })

  it("counts a remembered address that a tracker names as fresh [E1]", () => {
    const book = new PeerBook({ ...config, maxKnownPeers: 10, maxDialing: 10 })
    for (const address of ["old", "here"]) book.note(address, "remembered")
    book.note("here", "tracker")
    expect(book.takeDials(1, 0)).toEqual(["here"])
  })

  it("tries an untrusted address twice, and again when a tracker names it [S8]", () => {
    const book = bookOf()
    book.note("a", "exchange", "10.0.0.1")
    for (const nowMs of [0, 100_000]) {
      expect(book.takeDials(1, nowMs)).toEqual(["a"])
      book.failed("a", REFUSED, nowMs)
    }
    expect(book.takeDials(1, 1_000_000)).toEqual([])
    book.note("a", "exchange", "10.0.0.2")
    expect(book.takeDials(1, 1_000_000)).toEqual([])
    book.note("a", "tracker")
    expect(book.takeDials(1, 1_000_000)).toEqual(["a"])
  })

  it("keeps trying an address from a peer that was dialled with success [S8]", () => {
    const book = bookOf()
    const peer = book.note("a", "exchange", "10.0.0.1")
    if (peer !== undefined) book.connected(peer, true)
    for (let nowMs = 0; nowMs < 1_000_000; nowMs += 100_000) {
      book.failed("a", LEFT, nowMs)
      expect(book.takeDials(1, nowMs + 50_000)).toEqual(["a"])
    }
  })

  it("keeps a third for untrusted addresses, of which the network that named most loses its oldest [S8]", () => {
    const book = new PeerBook({ ...config, maxKnownPeers: 30 })
    book.note("honest", "exchange", "10.0.0.2")
    for (let count = 0; count < 1_000; count++) book.note(`told-${count}`, "exchange", "10.0.0.1")
    expect(book.size).toBe(10)
    expect(book.get("honest")?.state).toBe("idle")
    expect(book.get("told-999")?.state).toBe("idle")
    for (let count = 0; count < 20; count++) book.note(`tracker-${count}`, "tracker")
    expect(book.size).toBe(30)
    expect(book.note("tracker-20", "tracker")?.address).toBe("tracker-20")
    expect(book.get("tracker-0")?.state).toBe("idle")
  })

  it("remembers few of one network from one run to the next, an IPv6 /64 being one [S6]", () => {
    const book = new PeerBook({ ...config, maxKnownPeers: 100, maxRememberedPeers: 10, maxRememberedPerNetwork: 2 })
    const noted = [1, 2, 3].map((host) => `[2001:db8::${host}]:7000`)
    for (const address of [...noted, "[2001:db8:0:1::1]:7000", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"]) {
      const peer = book.note(address, "tracker")
      if (peer !== undefined) book.connected(peer, true)
    }
    expect(book.worthRemembering()).toEqual([
      ...noted.slice(0, 2),
      ...["[2001:db8:0:1::1]:7000", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"],
    ])
  })

  it("counts the strikes of an IPv6 /64 together [S6]", () => {
    const book = new PeerBook({ ...config, maxKnownPeers: 100 })
    for (let host = 1; host <= config.maxStrikesPerHost; host++) book.strike(`[2001:db8::${host}]:7000`, host)
    expect(book.isBanned("[2001:db8::ffff]:9000")).toBe(true)
    expect(book.isBanned("[2001:db8:0:1::1]:9000")).toBe(false)
  })

  it("keeps an idle seed awake until a peer that was lost was dialled again a few times [F1]", () => {
    const book = bookOf("lost", "never met", "seed")
    expect(book.hasLostPeer).toBe(false)
    for (const address of ["lost", "seed"]) {
      const peer = book.get(address)
      if (peer !== undefined) book.connected(peer, true)
    }
    book.rest("seed", 0)
    book.failed("never met", REFUSED, 0)
    expect(book.hasLostPeer).toBe(false)
    const lost: boolean[] = []
    for (let count = 0; count < 5; count++) {
      book.failed("lost", REFUSED, 0)
      lost.push(book.hasLostPeer)
    }
    expect(lost).toEqual([true, true, true, true, false])
  })

  it("has a seed at rest dial again that hung up on it, as one does that still holds our last connection [F1]", () => {
    const book = bookOf("hung up", "refused")
    book.failed("refused", REFUSED, 0)
    expect(book.hasLostPeer).toBe(false)
    const lost: boolean[] = []
    for (let count = 0; count < 5; count++) {
      book.failed("hung up", HUNG_UP, 0)
      lost.push(book.hasLostPeer)
    }
    expect(lost).toEqual([true, true, true, true, false])
  })

  it("lets a seed rest whose host is not dialled any more [F1]", () => {
    const book = new PeerBook({ ...config, maxKnownPeers: 100 })
    book.note("stranger", "exchange", "teller")
    book.failed("stranger", HUNG_UP, 0)
    expect(book.hasLostPeer).toBe(true)
    book.failed("stranger", HUNG_UP, 0)
    expect(book.hasLostPeer).toBe(false)
  })
})
