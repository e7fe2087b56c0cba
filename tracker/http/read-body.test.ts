import type { IncomingMessage } from "node:http"
import { Readable } from "node:stream"
import { afterEach, describe, expect, it, vi } from "vitest"
import { readJson } from "./read-body.js"

const MAX_BYTES = 10_000

afterEach(() => {
  vi.restoreAllMocks()
})

/** A request whose body arrives in pieces of that many bytes. */
function requestOf(body: string, pieceBytes: number): IncomingMessage {
  const bytes = Buffer.from(body)
  const count = Math.ceil(bytes.length / pieceBytes)
  const pieces = Array.from({ length: count }, (_, piece) =>
    bytes.subarray(piece * pieceBytes, (piece + 1) * pieceBytes),
  )
  const headers = { "content-type": "application/json" }
  return Object.assign(Readable.from(pieces), { headers }) as unknown as IncomingMessage
}

/** JSON of exactly so many bytes. */
const textOf = (byteCount: number) => JSON.stringify("é".repeat((byteCount - 2) / 2))

describe.each([1, 7, 4_096, 20_000])("a body that arrives in pieces of %i bytes", (pieceBytes) => {
  it("is read whole, up to the limit", async () => {
    const text = textOf(MAX_BYTES)
    expect(await readJson(requestOf(text, pieceBytes), MAX_BYTES)).toBe(JSON.parse(text))
  })

  it("is refused beyond it", async () => {
    const reading = readJson(requestOf(textOf(MAX_BYTES + 2), pieceBytes), MAX_BYTES)
    await expect(reading).rejects.toMatchObject({ status: 413, code: "too_large" })
  })
})

it("a body of single bytes is not copied anew for each of them [hostile 40]", async () => {
  const allocated: number[] = []
  const allocate = Buffer.allocUnsafe
  vi.spyOn(Buffer, "allocUnsafe").mockImplementation((byteCount) => {
    allocated.push(byteCount)
    return allocate(byteCount)
  })
  const concat = vi.spyOn(Buffer, "concat")
  await readJson(requestOf(textOf(MAX_BYTES), 1), MAX_BYTES)
  expect(allocated.reduce((sum, byteCount) => sum + byteCount, 0)).toBeLessThan(8 * MAX_BYTES)
  expect(concat).not.toHaveBeenCalled()
})
