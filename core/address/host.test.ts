import { expect, it } from "vitest"
import { outgoingHost } from "./host.js"

it.each([
  ["the address we listen on", "10.0.0.5", "10.0.0.9", "10.0.0.5"],
  ["the IPv6 one, in normal form", "[2A02::0:5]", "2a02::9", "2a02::5"],
  ["loopback on loopback", "127.0.0.1", "127.0.0.2", "127.0.0.1"],
  ["any: we listen on all", "0.0.0.0", "10.0.0.9", undefined],
  ["any: we listen on all of IPv6 and IPv4", "::", "10.0.0.9", undefined],
  ["any: of another family", "10.0.0.5", "2a02::9", undefined],
  ["any: loopback reaches no other host", "127.0.0.1", "10.0.0.9", undefined],
  ["any: no other host reaches loopback", "10.0.0.5", "127.0.0.1", undefined],
  ["any: we listen on a name", "localhost", "127.0.0.1", undefined],
])("calls peers from %s [F9]", (_, listening, remote, from) => {
  expect(outgoingHost(listening, remote)).toBe(from)
})
