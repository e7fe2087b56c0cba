import { get } from "node:http"
import { addressForOthers, ConfigError, errnoOf, formatHostPort, isThisMachine } from "../../core/index.js"
import { connectableHost, isOnEveryAddress, type TrackerAddress } from "../config/tracker-address.js"
import { addressWords } from "../words/address-words.js"

/** How long a listener on this machine may take for its whole answer. Ours; loopback takes some ms, a loaded machine a second. */
const PROBE_TIMEOUT_MS = 3_000

/** What our tracker answers to GET /health. */
const HEALTH = '{"status":"ok"}'
const MAX_HEALTH_LENGTH = 1_000

export interface EmbeddedTracker {
  readonly address: TrackerAddress
  /** Stops it; may be called twice. */
  close(): Promise<void>
}

/**
 * Starts a tracker inside this process if every tracker of the config is on this machine and none of them runs: otherwise
 * the client would announce to its own tracker and miss the swarms on the others.
 * Resolves to undefined otherwise, also when another process was faster. Another failure to listen throws a ConfigError. `onOther` gets
 * one sentence about an address where another program listens, such as AirPlay on port 5000 of macOS.
 */
export async function startTrackerIfNone(
  trackers: readonly TrackerAddress[],
  onOther: (sentence: string) => void = () => {},
): Promise<EmbeddedTracker | undefined> {
  const [address] = trackers
  if (address === undefined || !areOursToStart(trackers)) return undefined
  const found = await Promise.all(trackers.map(({ host, port }) => whatListens(connectableHost(host), port)))
  for (const [index, { host, port }] of trackers.entries()) {
    if (found[index] === "other") onOther(otherSentence(formatHostPort(host, port)))
  }
  if (found.some((each) => each !== "nothing")) return undefined
  // Loaded only now: most starts find a tracker, or have one elsewhere.
  const { startTracker } = await import("../../tracker/program/server.js")
  try {
    const { close } = await startTracker(address)
    return { address, close }
  } catch (error) {
    if (error instanceof ConfigError && errnoOf(error.cause) === "EADDRINUSE") return undefined
    throw error
  }
}

/** Whether a client may start one of them inside itself. */
export function areOursToStart(trackers: readonly TrackerAddress[]): boolean {
  return trackers.length > 0 && trackers.every(isOursToStart)
}

/** One below a path stands behind a reverse proxy. */
function isOursToStart({ protocol, host, path }: TrackerAddress): boolean {
  return protocol === "http" && path === "" && isThisMachine(host)
}

/** What answers at a port. Only a refusal says that nothing listens: whatever else happens, it is not our place to start a tracker. */
export function whatListens(host: string, port: number): Promise<"nothing" | "tracker" | "other"> {
  return new Promise((resolve) => {
    let text = ""
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS)
    const request = get({ host, port, path: "/health", agent: false, signal }, (response) => {
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk
        if (text.length > MAX_HEALTH_LENGTH) request.destroy()
      })
      response.once("close", () => resolve(response.statusCode === 200 && text === HEALTH ? "tracker" : "other"))
    })
    request.on("error", (error) => resolve(isRefusal(error) ? "nothing" : "other"))
  })
}

function otherSentence(address: string): string {
  return `${address} is no p2p-tracker: another program listens there. End that, or write another port for the tracker into the configs of all clients`
}

/** "localhost" may be tried on two addresses: Node then gives one error that holds both. */
function isRefusal(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.every((each) => errnoOf(each) === "ECONNREFUSED")
  return errnoOf(error) === "ECONNREFUSED"
}

/** "no tracker ran on 127.0.0.1:5000: started one inside this client", and where others reach it. `named`: the address that the user named. */
export function embeddedTrackerSentence({ address }: EmbeddedTracker, named?: string): string {
  const { host, port } = address
  const sentence = `no tracker ran on ${formatHostPort(host, port)}: started one inside this client`
  if (!isOnEveryAddress(address)) return sentence
  const choice = addressForOthers(host, named)
  if (choice === undefined) return `${sentence}; this machine has no network on which others could reach it`
  return `${sentence}; other machines reach it at port ${port} of ${addressWords(choice)}`
}
