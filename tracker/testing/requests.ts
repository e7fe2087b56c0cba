import { once } from "node:events"
import { request as httpRequest } from "node:http"
import { startTracker, type Tracker, type TrackerOptions } from "../program/server.js"

const started: Tracker[] = []

/** A tracker on a free port of loopback whose intervals do not vary. Ends with `closeTrackers`. */
export async function start(options: TrackerOptions = {}): Promise<Tracker> {
  const tracker = await startTracker({ host: "127.0.0.1", port: 0, jitters: false, ...options })
  started.push(tracker)
  return tracker
}

/** For `afterEach`. */
export async function closeTrackers(): Promise<void> {
  for (const tracker of started.splice(0)) await tracker.close()
}

export interface Reply {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  /** The text as JSON, where it is an object. */
  readonly body: unknown
}

interface Sent {
  /** Default POST. */
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** One request as plain as node sends it: nothing is added, and nothing said about what comes back. */
export async function ask(url: string, sent: Sent = {}): Promise<Reply> {
  const outgoing = httpRequest(url, { method: sent.method ?? "POST", headers: sent.headers ?? {}, agent: false })
  outgoing.end(sent.body)
  const [incoming] = await once(outgoing, "response")
  let text = ""
  for await (const chunk of incoming) text += chunk
  const body: unknown = text.startsWith("{") ? JSON.parse(text) : undefined
  return { status: incoming.statusCode, headers: incoming.headers, text, body }
}

export const JSON_HEADERS = { "content-type": "application/json" }

export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
  return ask(url, { headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) })
}

/** A caller that listens on `port` of the address it asks from. */
export const self = (port: number) => ({ listening_host: "0.0.0.0", listening_port: port })

/** A peer as it appears in answers. */
export const peerAt = (port: number, host = "127.0.0.1") => ({ listening_host: host, listening_port: port })

/** The header in which a proxy names the client. */
export const proxied = (address: string) => ({ "x-forwarded-for": address })

/** Registers a document and returns its uuid. */
export async function register(tracker: Tracker, port: number): Promise<string> {
  const { body } = await post(`${tracker.url}/hash`, self(port))
  return (body as { hash: string }).hash
}
