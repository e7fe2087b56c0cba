import { describe, expect, it } from "vitest"
import { defaultSwarmConfig } from "./config.js"
import { PeerBook } from "./peer-book.js"

const config = { ...defaultSwarmConfig, maxKnownPeers: 4, maxDialing: 2, redialMs: 1_000, maxRedialMs: 8_000 }

function bookOf(...addresses: string[]): PeerBook {
  const book = new PeerBook(config)
  for (const address of addresses) book.note(address, "tracker")
  return book
}

describe("PeerBook", () => {
  it("hands out each address once, and only so many at a time", () => {
    const book = bookOf("a", "b", "c")
    expect(book.takeDials(10, 0)).toEqual(["a", "b"])
    expect(book.takeDials(10, 0)).toEqual([])
    book.failed("a", "refused", 0)
    expect(book.dialing).toBe(1)
    expect(book.takeDials(10, 0)).toEqual(["c"])
    expect(book.takeDials(0, 100_000)).toEqual([])
  })

  it("waits twice as long after each failure, up to a limit (hostile.md 26)", () => {
    const book = bookOf("a")
    let nowMs = 0
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 8_000]) {
      expect(book.takeDials(1, nowMs)).toEqual(["a"])
      book.failed("a", "refused", nowMs)
      expect(book.takeDials(1, nowMs + waitMs - 1)).toEqual([])
      nowMs += waitMs
    }
  })

  it("remembers whom it met, the most reliable first, and nobody it only heard of or banned", () => {
    const book = new PeerBook({ ...config, maxKnownPeers: 10, maxRememberedPeers: 3 })
    for (const address of ["a", "b", "c", "d", "heard"]) {
      const peer = book.note(address, "tracker")
      if (peer !== undefined && address !== "heard") book.connected(peer)
    }
    book.failed("a", "it left", 0)
    book.ban("b", "tracker", "banned")
    expect(book.worthRemembering()).toEqual(["c", "d", "a"])
    const late = book.note("e", "incoming")
    if (late !== undefined) book.connected(late)
    expect(book.worthRemembering()).toEqual(["c", "d", "e"])
  })

  it("counts failures anew after an address proved useful", () => {
    const book = bookOf("a")
    for (let count = 0; count < 5; count++) book.failed("a", "refused", 0)
    book.proved("a")
    book.failed("a", "it left", 0)
    expect(book.takeDials(1, 1_000)).toEqual(["a"])
  })

  it("leaves a fellow seed alone for long", () => {
    const book = bookOf("a")
    book.rest("a", "a seed too", 0)
    expect(book.takeDials(1, config.seedRedialMs - 1)).toEqual([])
    expect(book.takeDials(1, config.seedRedialMs)).toEqual(["a"])
  })

  it("never dials who is banned or is us, whatever happens to the address later", () => {
    const book = bookOf("bad", "us")
    book.ban("bad", "tracker", "lied")
    book.self("us")
    for (const address of ["bad", "us"]) {
      book.failed(address, "closed", 0)
      book.rest(address, "", 0)
      const known = book.note(address, "tracker")
      if (known !== undefined) book.connected(known)
    }
    book.forgive()
    expect(book.isBanned("bad")).toBe(true)
    expect(book.takeDials(10, 10_000_000)).toEqual([])
  })

  it("is capped: a full book forgets one that failed before it refuses (hostile.md 38)", () => {
    const book = bookOf("a", "b", "c", "d")
    expect(book.note("e", "tracker")).toBeUndefined()
    book.failed("b", "refused", 0)
    expect(book.note("e", "tracker")?.address).toBe("e")
    expect(book.get("b")).toBeUndefined()
    expect(book.size).toBe(4)
    for (let count = 0; count < 100_000; count++) book.note(`host-${count}`, "tracker")
    expect(book.size).toBe(4)
  })

  it("never forgets who is banned to make room", () => {
    const book = bookOf("a", "b", "c", "d")
    for (const address of ["a", "b", "c", "d"]) book.ban(address, "tracker", "lied")
    expect(book.note("e", "tracker")).toBeUndefined()
  })

  it("dials everybody at once after a change for the better", () => {
    const book = bookOf("a", "b")
    for (const address of ["a", "b"]) book.failed(address, "no network", 0)
    expect(book.takeDials(2, 1)).toEqual([])
    book.forgive()
    expect(book.takeDials(2, 1)).toEqual(["a", "b"])
  })

  it("does not know a failure of an address it never noted", () => {
    const book = bookOf()
    book.failed("a", "refused", 0)
    expect(book.size).toBe(0)
  })
})
