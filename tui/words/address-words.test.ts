import { expect, it } from "vitest"
import type { AddressChoice } from "../../core/index.js"
import { addressWords } from "./address-words.js"

const choice: AddressChoice = { host: "192.168.1.20", why: "card", interfaceName: "eth0", otherCount: 0 }

it.each<[Partial<AddressChoice>, string]>([
  [{}, "192.168.1.20 (eth0)"],
  [{ otherCount: 2 }, "192.168.1.20 (eth0, chosen of 3: --address names another)"],
  [{ why: "named", interfaceName: undefined }, '192.168.1.20 (named by "announce" or --address)'],
  [{ why: "listening" }, "192.168.1.20 (eth0)"],
  [
    { why: "tunnel", otherCount: 1 },
    "192.168.1.20 (eth0, a VPN: only its members reach it, chosen of 2: --address names another)",
  ],
  [{ why: "containers" }, "192.168.1.20 (eth0, a bridge to containers: other machines do not reach it)"],
])("an address in words: %j", (more, words) => {
  expect(addressWords({ ...choice, ...more })).toBe(words)
})
