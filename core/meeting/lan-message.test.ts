import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  encodeLanMessage,
  LAN_GROUP4,
  LAN_GROUP6,
  MAX_LAN_BYTES,
  MAX_NAMES_SENT,
  parseLanMessage,
} from "./lan-message.js"

const NAME = "0123456789abcdef0123456789abcdef01234567"
const message = { port: 7001, names: [NAME], cookie: "c0ffee", isFinished: false }
const parse = (text: string) => parseLanMessage(Buffer.from(text, "latin1"))

describe("an announce on the local network", () => {
  it("is written as BEP 14 has it", () => {
    expect(Buffer.from(encodeLanMessage(message, LAN_GROUP4)).toString("latin1")).toBe(
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 7001\r\nInfohash: ${NAME}\r\ncookie: c0ffee\r\n\r\n\r\n`,
    )
    const text = Buffer.from(encodeLanMessage({ ...message, isFinished: true }, LAN_GROUP6)).toString("latin1")
    expect(text).toContain("\r\nHost: [ff15::efc0:988f]:6771\r\n")
    expect(text).toContain("\r\nLeft: 0\r\n")
  })

  it("is read as it was written, also with as many names as are sent, in one piece of Ethernet", () => {
    const names = Array.from({ length: MAX_NAMES_SENT }, (_, index) => index.toString(16).padStart(40, "0"))
    const full = { port: 65_535, names, cookie: "f".repeat(16), isFinished: true }
    const bytes = encodeLanMessage(full, LAN_GROUP6)
    expect(bytes.length).toBeLessThanOrEqual(MAX_LAN_BYTES)
    expect(parseLanMessage(bytes)).toEqual(full)
  })

  it.each([
    [
      "transmission",
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 51413\r\nInfohash: ${NAME.toUpperCase()}\r\n\r\n\r\n`,
    ],
    [
      "libtorrent",
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 51413\r\nInfohash: ${NAME}\r\ncookie: 7f\r\n\r\n\r\n`,
    ],
    ["a lenient client", `BT-SEARCH * HTTP/1.0\r\nPORT:51413\r\nx: y\r\ninfohash:${NAME}\r\n\r\n`],
  ])("of %s is read", (_, text) => {
    expect(parse(text)).toMatchObject({ port: 51_413, names: [NAME], isFinished: false })
  })

  it.each([
    ["another request", `M-SEARCH * HTTP/1.1\r\nPort: 7001\r\nInfohash: ${NAME}\r\n\r\n`],
    ["no port", `BT-SEARCH * HTTP/1.1\r\nInfohash: ${NAME}\r\n\r\n`],
    ["port 0", `BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: ${NAME}\r\n\r\n`],
    ["port 65536", `BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: ${NAME}\r\n\r\n`],
    ["a port that is none", `BT-SEARCH * HTTP/1.1\r\nPort: 7e3\r\nInfohash: ${NAME}\r\n\r\n`],
    ["no name", "BT-SEARCH * HTTP/1.1\r\nPort: 7001\r\n\r\n"],
    ["a short name", `BT-SEARCH * HTTP/1.1\r\nPort: 7001\r\nInfohash: ${NAME.slice(1)}\r\n\r\n`],
    ["nothing", ""],
    [
      "more bytes than are read",
      `BT-SEARCH * HTTP/1.1\r\nPort: 7001\r\nInfohash: ${NAME}\r\n\r\n${" ".repeat(MAX_LAN_BYTES)}`,
    ],
  ])("with %s is none", (_, text) => {
    expect(parse(text)).toBeUndefined()
  })

  it("of a stranger costs a bounded number of names, each once, and a bounded cookie [M2]", () => {
    const lines = Array.from({ length: 25 }, (_, index) => `Infohash: ${index.toString(16).padStart(40, "a")}`)
    const many = parse(`BT-SEARCH * HTTP/1.1\r\nPort: 7001\r\n${lines.join("\r\n")}`)
    expect(many?.names).toHaveLength(25)
    const twice = parse(
      `BT-SEARCH * HTTP/1.1\r\nPort: 7001\r\nInfohash: ${NAME}\r\nInfohash: ${NAME}\r\ncookie: ${"x".repeat(900)}`,
    )
    expect(twice?.names).toEqual([NAME])
    expect(twice?.cookie).toHaveLength(64)
  })

  it("of any bytes is read or none, never a fault [M2]", () => {
    const line = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom(
        "BT-SEARCH * HTTP/1.1",
        "Port: 7001",
        `Infohash: ${NAME}`,
        "cookie: a",
        "Left: 0",
        ":",
        "Port:",
        "Infohash:",
      ),
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 2_000 }),
          fc.array(line).map((lines) => Buffer.from(lines.join("\r\n"))),
        ),
        (bytes) => {
          const parsed = parseLanMessage(bytes)
          if (parsed === undefined) return
          expect(parsed.port).toBeGreaterThan(0)
          expect(parsed.names.every((name) => /^[0-9a-f]{40}$/.test(name))).toBe(true)
        },
      ),
    )
  })
})
