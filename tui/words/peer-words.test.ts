import { expect, it } from "vitest"
import type { PeerReason } from "../../core/index.js"
import { knownPeerWords } from "./peer-words.js"

const refused = { code: "failed", error: { code: "refused", message: "refused the connection" } } as const

it.each<[PeerReason, number | undefined, string]>([
  [{ code: "not_tried" }, undefined, "not tried yet"],
  [{ code: "dialing" }, undefined, "being dialled"],
  [{ code: "paused" }, undefined, "paused"],
  [{ code: "seed_too" }, 13_000, "has everything too"],
  [{ code: "banned", part: 9, earlierParts: 1 }, undefined, "banned: part 9 and 1 before it failed their check"],
  [refused, undefined, "refused the connection"],
  [refused, 12_001, "refused the connection, again in 12 s"],
  [refused, 1_000, "refused the connection"],
])("says why a known peer is not connected, and when it is dialled again: %o, %s", (why, retryAtMs, words) => {
  expect(knownPeerWords({ address: "10.0.0.9:1", source: "tracker", why, retryAtMs }, 1_000)).toBe(words)
})
