import { getDefaultAutoSelectFamilyAttemptTimeout } from "node:net"
import { pino } from "pino"
import { expect, it } from "vitest"
import { parseRedisAddress } from "./redis-address.js"
import { openRedisLink } from "./redis-link.js"

it("gives an address of Redis longer to answer than Node's 250 ms [E9]", async () => {
  const link = openRedisLink(parseRedisAddress("redis://127.0.0.1:1"), pino({ enabled: false }))
  expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBe(1_500)
  await link.close()
})
