import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { afterEach, describe, expect, it, vi } from "vitest"
import { footprint, untilBackAt } from "../../core/testing/footprint.js"
import type { PeerStore } from "../peers/peer-store.js"
import { startTracker, type Tracker, type TrackerOptions } from "../program/server.js"
import { MemoryStore } from "../stores/memory-store.js"

const started: Tracker[] = []

afterEach(async () => {
  for (const tracker of started.splice(0)) await tracker.close()
})

async function start(options: TrackerOptions = {}): Promise<Tracker> {
  const tracker = await startTracker({ host: "127.0.0.1", port: 0, ...options })
  started.push(tracker)
  return tracker
}

async function post(url: string, body: unknown): Promise<number> {
  const headers = { "content-type": "application/json", connection: "close" }
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
  await answer.arrayBuffer()
  return answer.status
}

const at = (port: number) => ({ listening_host: "127.0.0.1", listening_port: port })
const uuid = (number: number) => `0b7d3c52-5a3e-4e6a-9c1f-${String(number).padStart(12, "0")}`

/** Sends a request that never ends; resolves with the answer's first line when the tracker has hung up. */
async function drip(port: number): Promise<string> {
  const head = "POST /peers HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
  const socket: Socket = connect(port, "127.0.0.1", () => socket.write(head))
  let said = ""
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    said += chunk
  })
  await once(socket, "close")
  return said.split("\r\n", 1)[0] ?? ""
}

it("requests that never end are all answered 408, and hold nothing afterwards [hostile 40]", async () => {
  const { port } = await start({ requestTimeoutMs: 200 })
  const base = footprint()
  const answers = await Promise.all(Array.from({ length: 20 }, () => drip(port)))
  expect(new Set(answers)).toEqual(new Set(["HTTP/1.1 408 Request Timeout"]))
  await untilBackAt(base)
})

describe("one host that sends without end", () => {
  it("has as many documents as its budget, and gets 429 for the rest [hostile 42]", async () => {
    const store = new MemoryStore({ expirySeconds: 90 })
    const { url } = await start({ store, documentBudget: { burst: 50, perSecond: 0 } })
    const statuses: number[] = []
    for (let number = 0; number < 300; number++)
      statuses.push(await post(`${url}/hash`, { hash: uuid(number), ...at(1) }))
    expect(statuses.filter((status) => status === 200)).toHaveLength(50)
    expect(statuses.filter((status) => status === 429)).toHaveLength(250)
    expect(store.totals()).toEqual({ documents: 50, peers: 50 })
  })

  it("has as many ports in one document as its budget, whatever it announces beyond [hostile 42]", async () => {
    const store = new MemoryStore({ expirySeconds: 90 })
    const { url } = await start({ store, peerBudget: { burst: 50, perSecond: 0 } })
    await post(`${url}/hash`, { hash: uuid(1), ...at(1) })
    const statuses: number[] = []
    for (let port = 2; port < 302; port++) statuses.push(await post(`${url}/peers`, { hash: uuid(1), ...at(port) }))
    expect(statuses.filter((status) => status === 200)).toHaveLength(50)
    expect(statuses.filter((status) => status === 429)).toHaveLength(250)
    expect(store.totals()).toEqual({ documents: 1, peers: 51 })
  })
})

describe("what fails by the tracker's own fault", () => {
  const failing = (thrown: unknown): PeerStore => ({
    register: () => Promise.reject(thrown),
    announce: () => Promise.reject(thrown),
    count: () => Promise.reject(thrown),
    status: () => Promise.reject(thrown),
    probe: async () => undefined,
    totals: () => undefined,
    close: () => Promise.resolve(),
  })

  it.each([
    ["something that is no Error", "secret"],
    ["nothing", undefined],
    ["an Error that names a status", Object.assign(new Error("secret"), { statusCode: 418 })],
  ])("is answered, and printed nowhere: %s [hostile micro]", async (_, thrown) => {
    const printed = [
      vi.spyOn(console, "error").mockImplementation(() => undefined),
      vi.spyOn(console, "log").mockImplementation(() => undefined),
      vi.spyOn(process.stderr, "write").mockImplementation(() => true),
    ]
    try {
      const { url } = await start({ store: failing(thrown) })
      expect(await post(`${url}/peers`, { hash: uuid(1), ...at(1) })).toBe(500)
      expect(await post(`${url}/hash`, at(1))).toBe(500)
      for (const spy of printed) expect(spy).not.toHaveBeenCalled()
    } finally {
      for (const spy of printed) spy.mockRestore()
    }
  })
})
