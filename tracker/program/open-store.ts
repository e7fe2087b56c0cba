import type { Logger } from "pino"
import type { PeerStore } from "../peers/peer-store.js"
import { MemoryStore } from "../stores/memory-store.js"
import type { RunOptions, StoreChoice } from "./command-line.js"
import { EXPIRY_INTERVALS } from "./server.js"

/** The store in a few words, without a password, for the log. */
export function describeStore(store: StoreChoice): string {
  switch (store.kind) {
    case "memory":
      return "memory"
    case "disk":
      return store.folder
    case "redis":
      return store.address.shown
    default:
      return store satisfies never
  }
}

/** Opens the store that the command line asks for. What a store needs is loaded only when it is asked for; `isChecked`: see LmdbStoreOptions. */
export async function openStore(
  { store, intervalSeconds, forgetSeconds, maxDocuments }: RunOptions,
  log: Logger,
  isChecked = false,
): Promise<PeerStore> {
  const expirySeconds = intervalSeconds * EXPIRY_INTERVALS
  switch (store.kind) {
    case "memory":
      return new MemoryStore({ expirySeconds, forgetSeconds, maxDocuments })
    case "disk": {
      const { LmdbStore } = await import("../stores/lmdb-store.js")
      return LmdbStore.open({ folder: store.folder, expirySeconds, forgetSeconds, maxDocuments, log, isChecked })
    }
    case "redis": {
      const { RedisStore } = await import("../stores/redis-store.js")
      return new RedisStore({ address: store.address, expirySeconds, forgetSeconds, log })
    }
    default:
      return store satisfies never
  }
}
