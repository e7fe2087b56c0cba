import pino from "pino"
import { afterEach, describe, expect, it } from "vitest"
import { startTracker, type Tracker, type TrackerOptions } from "../program/server.js"
import { MemoryStore } from "../stores/memory-store.js"
import { createMetrics } from "./metrics.js"
import { createRequestLog } from "./request-observer.js"

let tracker: Tracker | undefined
afterEach(() => tracker?.close())

async function start(options: TrackerOptions): Promise<string> {
  tracker = await startTracker({ host: "127.0.0.1", port: 0, ...options })
  return tracker.url
}

async function post(url: string, body: unknown): Promise<{ hash?: string }> {
  const headers = { "content-type": "application/json" }
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
  return answer.json() as Promise<{ hash?: string }>
}

const self = { listening_host: "0.0.0.0", listening_port: 300 }

describe("the metrics", () => {
  it("count announces of both protocols, refusals, documents and peers", async () => {
    const metrics = await createMetrics()
    const store = new MemoryStore({ expirySeconds: 90 })
    metrics.watch(store)
    const url = await start({ store, observers: [metrics.observe], readMetrics: metrics.read })
    const { hash } = await post(`${url}/hash`, self)
    await post(`${url}/peers`, { ...self, hash })
    await fetch(`${url}/announce?hash=${hash}&info_hash=${"x".repeat(20)}&port=301`)
    await fetch(`${url}/announce?hash=${hash}&info_hash=${"x".repeat(20)}&port=0`)
    await fetch(`${url}/nonsense`)
    await fetch(`${url}/peers`, { method: "OPTIONS" })
    const answer = await fetch(`${url}/metrics`)
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=/)
    const lines = (await answer.text()).split("\n")
    for (const line of [
      'p2p_tracker_requests_total{path="/hash",status="200"} 1',
      'p2p_tracker_requests_total{path="other",status="404"} 1',
      'p2p_tracker_announces_total{protocol="json"} 1',
      'p2p_tracker_announces_total{protocol="bep3"} 1',
      'p2p_tracker_refusals_total{code="bad_request"} 1',
      'p2p_tracker_refusals_total{code="not_found"} 1',
      "p2p_tracker_request_seconds_count 6",
      "p2p_tracker_documents 1",
      "p2p_tracker_peers 2",
    ])
      expect(lines).toContain(line)
  })

  it("are not there where nothing is counted", async () => {
    expect((await fetch(`${await start({})}/metrics`)).status).toBe(404)
  })
})

describe("the request log", () => {
  function logged(share: number, chances: number[]): Record<string, unknown>[] {
    const lines: Record<string, unknown>[] = []
    const log = pino({ base: null, timestamp: false }, { write: (line) => lines.push(JSON.parse(line)) })
    const observe = createRequestLog(log, share, () => chances.shift() ?? 0)
    const request = { method: "GET", socket: { remoteAddress: "10.0.0.1" } } as never
    for (const status of [200, 404, 500])
      observe({
        request,
        path: "/announce",
        status,
        refused: status === 404 ? "not_found" : undefined,
        seconds: 0.001_234_5,
      })
    return lines
  }

  it("is one line a request", () => {
    expect(logged(1, [])).toMatchObject([
      { method: "GET", path: "/announce", status: 200, ms: 1.23, from: "10.0.0.1" },
      { status: 404, refused: "not_found" },
      { status: 500 },
    ])
  })

  it("is a random share of them, with all that failed by our fault", () => {
    expect(logged(0.5, [0.5, 0.49, 0.9]).map(({ status }) => status)).toEqual([404, 500])
  })
})
