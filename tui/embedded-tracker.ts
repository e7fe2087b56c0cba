import { connect } from "node:net"
import { ConfigError, errnoOf, formatHostPort, isThisMachine } from "../core/index.js"
import { connectableHost, type TrackerAddress } from "./tracker-address.js"

/** How long a listener on this machine may take to accept before it counts as not there. Ours; loopback takes under 1 ms. */
const PROBE_TIMEOUT_MS = 1_000

export interface EmbeddedTracker {
  readonly address: TrackerAddress
  /** Stops it; may be called twice. */
  close(): Promise<void>
}

/**
 * Starts a tracker inside this process when every tracker of the config means this machine and nothing listens at any
 * (design.md, "Tracker"): one of its own would keep a client from the others of its list, where its swarms are.
 * Resolves to undefined otherwise, also when another process was faster. Another failure to listen throws a ConfigError.
 */
export async function startTrackerIfNone(trackers: readonly TrackerAddress[]): Promise<EmbeddedTracker | undefined> {
  const [address] = trackers
  if (address === undefined || !trackers.every(isOursToStart)) return undefined
  const listening = await Promise.all(trackers.map(({ host, port }) => somethingListens(connectableHost(host), port)))
  if (listening.includes(true)) return undefined
  // Loaded only now: most starts find a tracker, or have one elsewhere.
  const { startTracker } = await import("../tracker/server.js")
  try {
    const { close } = await startTracker(address)
    return { address, close }
  } catch (error) {
    if (error instanceof ConfigError && errnoOf(error.cause) === "EADDRINUSE") return undefined
    throw error
  }
}

/** One below a path stands behind a reverse proxy. */
function isOursToStart({ protocol, host, path }: TrackerAddress): boolean {
  return protocol === "http" && path === "" && isThisMachine(host)
}

/** Is there a listener on `host`:`port`? Only a refusal says no: whatever else happens, it is not our place to start one. */
function somethingListens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PROBE_TIMEOUT_MS })
    const answer = (listens: boolean): void => {
      socket.destroy()
      resolve(listens)
    }
    socket.once("connect", () => answer(true))
    socket.once("timeout", () => answer(true))
    socket.once("error", (error) => answer(!isRefusal(error)))
  })
}

/** "localhost" may be tried on two addresses: Node then gives one error that holds both. */
function isRefusal(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.every((each) => errnoOf(each) === "ECONNREFUSED")
  return errnoOf(error) === "ECONNREFUSED"
}

/** "tracker started inside this client on 127.0.0.1:5000" */
export function embeddedTrackerSentence({ address }: EmbeddedTracker): string {
  return `no tracker ran on ${formatHostPort(address.host, address.port)}: started one inside this client`
}
