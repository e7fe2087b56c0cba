import type { ClientOptions } from "../api/client-api.js"
import { ConfigError } from "../base/errors.js"
import type { Library } from "../library/library.js"
import type { PeerListener } from "../wire/calls/listener.js"

/** Another port may do. */
const TAKEN_CODES: ReadonlySet<string> = new Set(["port_in_use", "port_forbidden"])

/**
 * Where the config leaves the port open, it is that of the last run if it is free: others know this machine by it, and one that was killed
 * stays one machine to the tracker. Rejects as `listenAt` does.
 */
export async function listenWhereFree(
  { host, port, orAnyPort }: ClientOptions["listen"],
  library: Pick<Library, "port" | "keepPort">,
  listenAt: (at: { readonly host: string; readonly port: number }) => Promise<PeerListener>,
): Promise<PeerListener> {
  const last = library.port ?? 0
  const ports = port === 0 ? [last, 0] : orAnyPort === true ? [port, last, 0] : [port]
  for (const [at, each] of ports.entries()) {
    try {
      const listener = await listenAt({ host, port: each })
      if (port === 0 || at > 0) library.keepPort(listener.port)
      return listener
    } catch (error) {
      const isTaken = error instanceof ConfigError && TAKEN_CODES.has(error.code)
      if (!isTaken || at === ports.length - 1) throw error
    }
  }
  throw new RangeError("there is no port to listen on")
}
