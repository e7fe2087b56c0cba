import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { encodeAnnounce, encodeConnect, readUdpAnswer, type UdpAnnounce } from "./udp-messages.js"

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
const connect = { type: "connect", transactionId: 0x01020304, family: 4 } as const
const announce = { type: "announce", transactionId: 0x01020304, family: 4 } as const

const request: UdpAnnounce = {
  connectionId: bytes("1122334455667788"),
  transactionId: 0x01020304,
  infoHash: new Uint8Array(20).fill(0xaa),
  peerId: new Uint8Array(20).fill(0xbb),
  downloaded: 1,
  left: Number.MAX_SAFE_INTEGER,
  uploaded: 3,
  event: "started",
  ip: Uint8Array.from([203, 0, 113, 5]),
  key: 0xfffffffe,
  limit: 80,
  port: 7001,
  urlData: "",
}

describe("requests to a UDP tracker (BEP 15)", () => {
  it("are written byte for byte as the BEP has them", () => {
    expect(hex(encodeConnect(0x01020304))).toBe("00000417271019800000000001020304")
    expect(hex(encodeAnnounce(request))).toBe(
      [
        "1122334455667788 00000001 01020304",
        "aa".repeat(20),
        "bb".repeat(20),
        "0000000000000001 001fffffffffffff 0000000000000003",
        "00000002 cb007105 fffffffe 00000050 1b59",
      ]
        .join("")
        .replaceAll(" ", ""),
    )
  })

  it.each([
    [undefined, 0],
    ["completed", 1],
    ["started", 2],
    ["stopped", 3],
  ] as const)("the event %s is %i", (event, number) => {
    expect(Buffer.from(encodeAnnounce({ ...request, event })).readUInt32BE(80)).toBe(number)
  })

  it("carry the path and query of the URL in options of at most 255 bytes (BEP 41)", () => {
    const short = Buffer.from(encodeAnnounce({ ...request, urlData: "/announce?key=1" })).subarray(98)
    expect(short.toString("latin1")).toBe("\x02\x0f/announce?key=1")
    const long = Buffer.from(encodeAnnounce({ ...request, urlData: "x".repeat(300) })).subarray(98)
    expect([long[0], long[1], long[257], long[258], long.length]).toEqual([2, 255, 2, 45, 304])
  })
})

describe("answers of a UDP tracker", () => {
  it("are read", () => {
    expect(readUdpAnswer(bytes("00000000 01020304 1122334455667788"), connect)).toEqual({
      type: "connect",
      connectionId: bytes("1122334455667788"),
    })
    const head = "00000001 01020304 00000708 00000001 00000002"
    expect(readUdpAnswer(bytes(`${head} 0a000001 1b59 0a00`), announce)).toEqual({
      type: "announce",
      intervalSeconds: 1_800,
      peers: [{ listening_host: "10.0.0.1", listening_port: 7001 }],
    })
    const six = `${head} fd000000000000000000000000000001 1b59`
    expect(readUdpAnswer(bytes(six), { ...announce, family: 6 })).toMatchObject({
      peers: [{ listening_host: "fd00::1", listening_port: 7001 }],
    })
    expect(readUdpAnswer(bytes("00000003 01020304 6e6f1b5b316d00"), announce)).toMatchObject({
      type: "error",
      message: expect.not.stringContaining("\u001b"),
    })
  })

  it.each([
    ["of another transaction", "00000001 01020305 00000708 00000001 00000002", announce],
    ["of another action", "00000000 01020304 1122334455667788 0000000000000000", announce],
    ["to a scrape", "00000002 01020304 00000708 00000001 00000002", announce],
    ["without its whole head", "00000001 01020304 00000708 00000001 000000", announce],
    ["with half a connection id", "00000000 01020304 11223344", connect],
    ["of seven bytes", "00000001 010203", announce],
    ["that are empty", "", announce],
  ])("%s are none [M4]", (_, text, to) => {
    expect(readUdpAnswer(bytes(text), to)).toBeUndefined()
  })

  it("of any bytes are read or none, with a bounded number of peers [M4]", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(4, 6),
        fc.constantFrom("connect", "announce"),
        (tail, family, type) => {
          const answer = readUdpAnswer(Buffer.concat([bytes("00000001 01020304"), tail]), {
            ...announce,
            family,
            type,
          } as never)
          if (answer?.type === "announce") expect(answer.peers.length).toBeLessThanOrEqual(tail.length / 6)
        },
      ),
    )
    const many = Buffer.concat([bytes("00000001 01020304 00000708 00000001 00000002"), Buffer.alloc(65_000, 1)])
    expect(readUdpAnswer(many, announce)).toMatchObject({ peers: { length: 3_000 } })
  })
})
