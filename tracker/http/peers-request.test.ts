import { describe, expect, it } from "vitest"
import { peersRequestSchema } from "../../core/announce/shapes.js"
import { readPeersRequest } from "./peers-request.js"

const good = { hash: "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11", listening_host: "0.0.0.0", listening_port: 1 }

const values: Readonly<Record<string, readonly unknown[]>> = {
  hash: [good.hash.toUpperCase(), good.hash.slice(1), `${good.hash} `, "", 1, null],
  listening_host: ["::1", "", "x".repeat(255), "x".repeat(256), 1, null],
  listening_port: [65_535, 0, 65_536, -1, 1.5, "1", Number.NaN, Number.POSITIVE_INFINITY, null],
  left: [0, 2 ** 53 - 1, 2 ** 53, -1, 0.5, "0", null],
  limit: [0, 1e9, -1, 0.5, "0", null],
  event: ["started", "completed", "stopped", "", "paused", 1, null],
}

describe("the body of POST /peers", () => {
  const cases = Object.entries(values).flatMap(([key, some]) => some.map((value) => ({ ...good, [key]: value })))
  it.each([good, null, [], 1, "x", {}, ...cases])("is taken or refused as its schema says: %j", (value) => {
    const expected = peersRequestSchema.safeParse(value)
    if (expected.success) expect(readPeersRequest(value)).toEqual(expected.data)
    else expect(() => readPeersRequest(value)).toThrow(expect.objectContaining({ status: 400, code: "bad_request" }))
  })
})
