import { expect, it } from "vitest"
import { AWAY, EVERY_PEER_REASON, EVERY_REASON } from "../testing/every-reason.js"
import { factFields } from "./fact-fields.js"

it("facts have names in snake_case, seconds for times of the engine's clock, and null for what is unknown", () => {
  const peer = { address: "10.0.0.9:7001", why: { code: "banned", part: 9, earlierParts: 1 } } as const
  const none = {
    code: "no_peer_connected",
    knownPeers: 1,
    peer,
    others: undefined,
    tracker: AWAY,
    seederLeftAtMs: 9_000,
  } as const
  expect(factFields(none, 12_001)).toEqual({
    code: "no_peer_connected",
    known_peers: 1,
    peer: { address: "10.0.0.9:7001", why: { code: "banned", part: 9, earlier_parts: 1 } },
    others: null,
    seeder_left_seconds_ago: 3,
    tracker: {
      ...{ url: "http://127.0.0.1:5000", kind: "remote", state: "away", answered_seconds_ago: 10 },
      problem: {
        ...{ code: "unreachable", message: expect.stringContaining("nothing listens there") },
        ...{ status: null, errno: "ECONNREFUSED", retry_in_seconds: 12 },
      },
    },
  })
  expect(factFields(undefined, 0)).toBeNull()
})

it.each([...EVERY_REASON, ...EVERY_PEER_REASON])("facts of $code have no name with a time of the engine", (why) => {
  expect(JSON.stringify(factFields(why, 0))).not.toMatch(/at_ms|AtMs/)
})
