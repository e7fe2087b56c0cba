import fc from "fast-check"
import { expect, it } from "vitest"
import { aliveRequestSchema, hashRequestSchema, peersRequestSchema } from "../../core/announce/shapes.js"
import { corpus, corpusTexts } from "../../core/testing/corpus.js"
import { nearly } from "../../core/testing/edits.js"
import { checkShape, Refusal } from "../base/refusal.js"
import { readPeersRequest } from "./peers-request.js"
import { parameterOf, percentDecode } from "./query.js"

const uuid = fc.oneof(
  fc.uuid(),
  fc.uuid().map((text) => text.toUpperCase()),
  fc.string({ maxLength: 40 }),
)
const number = fc.oneof(
  fc.nat({ max: 70_000 }),
  fc.constantFrom(-1, 0.5, 2 ** 53, Number.MAX_SAFE_INTEGER, "80", null, true),
)
const fields = {
  hash: uuid,
  hashes: fc.array(uuid, { maxLength: 4 }),
  listening_host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 300 }), fc.constant(7)),
  listening_port: number,
  left: number,
  limit: number,
  event: fc.oneof(fc.constantFrom("started", "completed", "stopped", "", "paused"), fc.nat()),
}
const body = fc
  .oneof(fc.record(fields, { requiredKeys: [] }), fc.record(fields), fc.jsonValue())
  .map((value) => new TextEncoder().encode(JSON.stringify(value)))

it("the short way of reading an announce takes what the schema takes, and refuses what it refuses [hostile 41]", () => {
  fc.assert(
    fc.property(fc.oneof(body, nearly(body)), (bytes) => {
      const value = parsed(bytes)
      const bySchema = refusedOr(() => checkShape(peersRequestSchema, value))
      const asked = refusedOr(() => readPeersRequest(value))
      expect(asked instanceof Refusal).toBe(bySchema instanceof Refusal)
      if (!(bySchema instanceof Refusal)) expect(asked).toMatchObject(bySchema)
    }),
    { examples: corpus("tracker-requests").map((bytes) => [bytes]), numRuns: 500 },
  )
})

it("any other body is read or refused with a reason that names a field", () => {
  fc.assert(
    fc.property(fc.oneof(body, nearly(body)), (bytes) => {
      for (const schema of [hashRequestSchema, aliveRequestSchema]) {
        const asked = refusedOr(() => checkShape<unknown>(schema, parsed(bytes)))
        if (asked instanceof Refusal) expect(asked).toMatchObject({ status: 400, code: "bad_request" })
      }
    }),
    { examples: corpus("tracker-requests").map((bytes) => [bytes]), numRuns: 500 },
  )
})

it("any query is read: bytes that were percent-encoded come back, the first of two of a name counts", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.webPath(), fc.string(), (bytes, path, rest) => {
      const encoded = Buffer.from(bytes).toString("hex").replace(/../g, "%$&")
      const value = parameterOf(`${path}?info_hash=${encoded}&info_hash=x&${rest}`, "info_hash")
      expect(percentDecode(value ?? "")).toEqual(Buffer.from(bytes))
    }),
    { examples: corpusTexts("queries").map((rest) => [Uint8Array.of(0, 0x25, 0xff), "/announce", rest]) },
  )
})

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}

function refusedOr<T>(read: () => T): T | Refusal {
  try {
    return read()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}
