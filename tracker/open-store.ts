import type { Logger } from "pino"
import type { RunOptions } from "./command-line.js"
import { MemoryStore } from "./memory-store.js"
import type { PeerStore } from "./peer-store.js"
import { DEFAULT_EXPIRY_SECONDS } from "./server.js"

/** Opens the store that the command line asks for. What a store needs is loaded only when it is asked for. */
export async function openStore(store: RunOptions["store"], log: Logger): Promise<PeerStore> {
  const expirySeconds = DEFAULT_EXPIRY_SECONDS
  switch (store.kind) {
    case "memory":
      return new MemoryStore({ expirySeconds })
    case "disk": {
      const { LmdbStore } = await import("./lmdb-store.js")
      return LmdbStore.open({ folder: store.folder, expirySeconds, log })
    }
    default:
      return store satisfies never
  }
}
