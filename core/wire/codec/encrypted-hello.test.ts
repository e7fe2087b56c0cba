import { describe, expect, it } from "vitest"
import { seededRandom } from "../../testing/seeded-random.js"
import { isProbablyEncrypted } from "./encrypted-hello.js"

const random = seededRandom(16)
const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256))

describe("the first bytes of a caller", () => {
  it.each([96, 97, 350, 608])("are probably the key of an encrypted handshake: %i random ones", (length) => {
    for (let round = 0; round < 1_000; round++) expect(isProbablyEncrypted(bytes(length))).toBe(true)
  })

  it.each([0, 1, 68, 95, 609, 5_000])(
    "are none: %i random ones, a length that no such handshake begins with",
    (length) => {
      expect(isProbablyEncrypted(bytes(length))).toBe(false)
    },
  )

  it.each([
    [
      "a request of a browser",
      `GET / HTTP/1.1\r\nHost: 10.0.0.1:7001\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n\r\n`,
    ],
    ["base64", Buffer.from(bytes(150)).toString("base64")],
    ["a binary message with zeros", "\0".repeat(60) + Buffer.from(bytes(100)).toString("latin1")],
    ["one value", "x".repeat(300)],
  ])("are none: %s", (_, text) => {
    expect(isProbablyEncrypted(Buffer.from(text, "latin1"))).toBe(false)
  })
})
