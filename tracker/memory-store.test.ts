import { FakeClock } from "../core/testing/fake-clock.js"
import { MemoryStore } from "./memory-store.js"
import { EXPIRY_SECONDS, testPeerStore } from "./testing/store-contract.js"

testPeerStore("the memory store", async () => {
  const clock = new FakeClock(12_345)
  return {
    store: new MemoryStore({ expirySeconds: EXPIRY_SECONDS, clock }),
    async passSeconds(seconds) {
      clock.advance(seconds * 1_000)
    },
  }
})
