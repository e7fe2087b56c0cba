import { FakeClock } from "../../core/testing/fake-clock.js"
import { EXPIRY_SECONDS, MAX_PEERS, testPeerStore } from "../testing/store-contract.js"
import { MemoryStore } from "./memory-store.js"

testPeerStore("the memory store", async () => {
  const clock = new FakeClock(12_345)
  const store = new MemoryStore({ expirySeconds: EXPIRY_SECONDS, maxPeersPerDocument: MAX_PEERS, clock })
  return {
    store,
    async passSeconds(seconds) {
      clock.advance(seconds * 1_000)
      store.sweep()
    },
  }
})
