import { BlockList, isIP } from "node:net"
import fc from "fast-check"
import { expect, it } from "vitest"
import { corpus } from "../testing/corpus.js"
import { nearly } from "../testing/edits.js"
import { acceptPeers } from "./peer-filter.js"
import { peersAnswerSchema } from "./shapes.js"

const OWN = { ownHosts: new Set(["192.0.2.1"]), ownPort: 7001, trackerIsLocal: false }

/** Where no peer can be. */
const forbidden = new BlockList()
for (const [network, bits] of [
  ["0.0.0.0", 32],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 4],
  ["255.255.255.255", 32],
] as const)
  forbidden.addSubnet(network, bits, "ipv4")
for (const [network, bits] of [
  ["::", 128],
  ["::1", 128],
  ["fe80::", 10],
  ["ff00::", 8],
  ["::ffff:127.0.0.0", 104],
] as const)
  forbidden.addSubnet(network, bits, "ipv6")

const hostText = fc.oneof(
  fc.ipV4(),
  fc.ipV4Extended(),
  fc.ipV6(),
  fc.domain(),
  fc.constantFrom(
    "localhost",
    "0.0.0.0",
    "127.1",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
    "fe80::1%eth0",
    "169.254.169.254",
    "192.0.2.1",
  ),
)
const port = fc.oneof(fc.nat({ max: 65_535 }), fc.constantFrom(0, 65_536, -1, 1.5, 7001, "80", null))
const peer = fc.oneof(
  fc.record({ listening_host: hostText, listening_port: port }, { requiredKeys: [] }),
  fc.jsonValue({ maxDepth: 2 }),
)
const answerBody = fc
  .record(
    { peers: fc.array(peer, { maxLength: 20 }), interval: fc.oneof(fc.double(), fc.constant("30")) },
    { requiredKeys: [] },
  )
  .map((answer) => new TextEncoder().encode(JSON.stringify(answer)))

it("an answer of a tracker gives peers that can be connected to, or nothing [hostile 37, 38]", () => {
  fc.assert(
    fc.property(fc.oneof(answerBody, nearly(answerBody)), (bytes) => {
      const answer = peersAnswerSchema.safeParse(parsed(bytes))
      if (!answer.success) return
      expect(answer.data.interval).toBeGreaterThan(0)
      const peers = acceptPeers(answer.data.peers, OWN)
      for (const { host, port } of peers) {
        const family = isIP(host)
        expect(family).not.toBe(0)
        expect(forbidden.check(host, family === 6 ? "ipv6" : "ipv4"), host).toBe(false)
        expect(Number.isInteger(port) && port >= 1 && port <= 65_535).toBe(true)
        expect(host === "192.0.2.1" && port === 7001).toBe(false)
      }
      expect(new Set(peers.map(({ host, port }) => `${host} ${port}`)).size).toBe(peers.length)
    }),
    { examples: corpus("tracker-answers").map((bytes) => [bytes]), numRuns: 500 },
  )
})

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
