import { once } from "node:events"
import { request as httpRequest } from "node:http"
import { connect, type Socket } from "node:net"
import { networkInterfaces } from "node:os"
import { afterEach, describe, expect, it } from "vitest"
import { createTrackerClient } from "../core/announce/tracker-client.js"
import { FakeClock } from "../core/testing/fake-clock.js"
import type { PeerStore } from "./peer-store.js"
import { startTracker, type Tracker, type TrackerOptions } from "./server.js"

const started: Tracker[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const tracker of started.splice(0)) await tracker.close()
})

async function start(options: TrackerOptions = {}): Promise<Tracker> {
  const tracker = await startTracker({ host: "127.0.0.1", port: 0, jitters: false, ...options })
  started.push(tracker)
  return tracker
}

interface Reply {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  readonly body: unknown
}

interface Sent {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** One request as plain as node sends it: nothing is added, and nothing said about what comes back. */
async function ask(url: string, sent: Sent = {}): Promise<Reply> {
  const outgoing = httpRequest(url, { method: sent.method ?? "POST", headers: sent.headers ?? {}, agent: false })
  outgoing.end(sent.body)
  const [incoming] = await once(outgoing, "response")
  let text = ""
  for await (const chunk of incoming) text += chunk
  const body: unknown = text.startsWith("{") ? JSON.parse(text) : undefined
  return { status: incoming.statusCode, headers: incoming.headers, text, body }
}

const JSON_HEADERS = { "content-type": "application/json" }
const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  ask(url, { headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) })
const self = (port: number) => ({ listening_host: "0.0.0.0", listening_port: port })
const peerAt = (port: number, host = "127.0.0.1") => ({ listening_host: host, listening_port: port })

async function register(tracker: Tracker, port: number): Promise<string> {
  const { body } = await post(`${tracker.url}/hash`, self(port))
  return (body as { hash: string }).hash
}

describe("the tracker", () => {
  it("gives a document a uuid, and its peers to each other", async () => {
    const tracker = await start()
    const hash = await register(tracker, 300)
    expect(hash).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    const reply = await post(`${tracker.url}/peers`, { hash, ...self(301) })
    expect(reply).toMatchObject({ status: 200, body: { peers: [peerAt(300)], interval: 30, total: 2 } })
    expect(reply.headers["content-type"]).toBe("application/json; charset=utf-8")
    const back = await post(`${tracker.url}/peers`, { hash: hash.toUpperCase(), ...self(300) })
    expect(back.body).toEqual({ peers: [peerAt(301)], interval: 30, total: 2 })
  })

  it("registers a document again under the uuid its holder says, as often as it says so", async () => {
    const tracker = await start()
    const hash = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
    for (const port of [300, 300, 301]) {
      const reply = await post(`${tracker.url}/hash`, { hash: hash.toUpperCase(), ...self(port) })
      expect(reply).toMatchObject({ status: 200, body: { hash } })
    }
    expect((await post(`${tracker.url}/peers`, { hash, ...self(302) })).body).toMatchObject({ total: 3 })
  })

  it("answers up to its cap of peers, or the caller's limit below it", async () => {
    const tracker = await start({ maxPeers: 5 })
    const hash = await register(tracker, 1)
    for (let port = 2; port <= 9; port++) await post(`${tracker.url}/peers`, { hash, ...self(port), limit: 0 })
    const count = async (limit?: number) => {
      const { body } = await post(`${tracker.url}/peers`, { hash, ...self(1), limit })
      return (body as { peers: unknown[] }).peers.length
    }
    expect([await count(), await count(3), await count(1e9), await count(0)]).toEqual([5, 3, 5, 0])
  })

  it("forgets a peer that stopped, and one that is silent for three intervals", async () => {
    const clock = new FakeClock()
    const tracker = await start({ clock, intervalSeconds: 10 })
    const hash = await register(tracker, 300)
    await post(`${tracker.url}/peers`, { hash, ...self(301) })
    await post(`${tracker.url}/peers`, { hash, ...self(301), event: "stopped" })
    const others = async () => (await post(`${tracker.url}/peers`, { hash, ...self(302) })).body
    expect(await others()).toEqual({ peers: [peerAt(300)], interval: 10, total: 2 })
    clock.advance(31_000)
    expect(await others()).toEqual({ peers: [], interval: 10, total: 1 })
  })

  it("is understood by our own client", async () => {
    const tracker = await start()
    const client = createTrackerClient({ url: tracker.url })
    const us = { listeningHost: "0.0.0.0", listeningPort: 7001 }
    const hash = await client.register(us)
    await client.announce({ ...us, listeningPort: 7002, hash, left: 5, event: "started" })
    expect(await client.announce({ ...us, hash, left: 0, limit: 50 })).toEqual({
      peers: [{ host: "127.0.0.1", port: 7002 }],
      intervalSeconds: 30,
    })
    const unknown = "00000000-0000-4000-8000-000000000000"
    await expect(client.announce({ ...us, hash: unknown })).rejects.toMatchObject({ code: "unknown_hash" })
    expect(await client.register({ ...us, hash: unknown })).toBe(unknown)
    await expect(client.announce({ ...us, listeningPort: 0, hash })).rejects.toMatchObject({ code: "refused" })
  })

  it("says that it is well, to GET and HEAD, and what a path takes, to OPTIONS", async () => {
    const { url } = await start()
    expect(await ask(`${url}/health?from=probe`, { method: "GET" })).toMatchObject({
      status: 200,
      body: { status: "ok" },
    })
    expect(await ask(`${url}/health`, { method: "HEAD" })).toMatchObject({ status: 200, text: "" })
    expect(await ask(`${url}/hash`, { method: "OPTIONS" })).toMatchObject({ status: 204, headers: { allow: "POST" } })
  })
})

describe("the tracker refuses", () => {
  const uuid = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
  const good = { hash: uuid, ...self(300) }

  it.each([
    ["null", "null"],
    ["an empty object", "{}"],
    ["an array", "[]"],
    ["a number", "1"],
    ["no JSON", "{"],
    ["nothing", ""],
    ["a port of 0", JSON.stringify({ ...good, listening_port: 0 })],
    ["a port of 65536", JSON.stringify({ ...good, listening_port: 65_536 })],
    ["a port as text", JSON.stringify({ ...good, listening_port: "80" })],
    ["a port of null", JSON.stringify({ ...good, listening_port: null })],
    ["a fractional port", JSON.stringify({ ...good, listening_port: 1.5 })],
    ["an infinite port", `{"hash":"${uuid}","listening_host":"0.0.0.0","listening_port":1e999}`],
    ["a host that is a number", JSON.stringify({ ...good, listening_host: 1 })],
    ["an empty host", JSON.stringify({ ...good, listening_host: "" })],
    ["a host name", JSON.stringify({ ...good, listening_host: "example.org" })],
    ["multicast", JSON.stringify({ ...good, listening_host: "224.0.0.1" })],
    ["a malformed uuid", JSON.stringify({ ...good, hash: "../etc/passwd" })],
    ["a uuid that is a number", JSON.stringify({ ...good, hash: 1 })],
    ["a negative left", JSON.stringify({ ...good, left: -1 })],
    ["a limit as text", JSON.stringify({ ...good, limit: "5" })],
    ["an unknown event", JSON.stringify({ ...good, event: "paused" })],
  ])("%s with 400 (hostile.md 40, 41)", async (_what, body) => {
    const { url } = await start()
    for (const path of ["/peers", "/hash"]) {
      const inert = path === "/hash" && /left|limit|event/.test(body)
      const reply = await ask(url + path, { headers: JSON_HEADERS, body })
      expect(reply.status, path).toBe(inert ? 200 : 400)
      if (!inert)
        expect(reply.body).toEqual({ error: { code: expect.stringMatching(/^bad_/), message: expect.any(String) } })
    }
  })

  it("a document it does not know with 404 (hostile.md 41)", async () => {
    const { url } = await start()
    expect(await post(`${url}/peers`, good)).toMatchObject({ status: 404, body: { error: { code: "unknown_hash" } } })
  })

  it.each(["/", "/peer", "/hash/", "//hash", "/%00", "/__proto__", "/constructor"])(
    "the path %s with 404",
    async (path) => {
      const { url } = await start()
      expect(await post(url + path, good)).toMatchObject({ status: 404, body: { error: { code: "not_found" } } })
    },
  )

  it("a wrong method with 405 and the right ones", async () => {
    const { url } = await start()
    expect(await ask(`${url}/peers`, { method: "GET" })).toMatchObject({ status: 405, headers: { allow: "POST" } })
    expect(await ask(`${url}/health`, { method: "DELETE" })).toMatchObject({
      status: 405,
      headers: { allow: "GET, HEAD" },
    })
  })

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json; charset=latin1",
    ";;;",
    "application/json; charset",
  ])("the content-type %s with 415 (hostile.md 40, micro)", async (type) => {
    const { url } = await start()
    const reply = await ask(`${url}/peers`, { headers: { "content-type": type }, body: JSON.stringify(good) })
    expect(reply).toMatchObject({ status: 415, body: { error: { code: "not_json" } } })
  })

  it("a large body with 413, announced or not, without reading it all (hostile.md 40)", async () => {
    const { url } = await start()
    const body = JSON.stringify({ ...good, padding: "x".repeat(9_000) })
    const length = { "content-length": String(body.length) }
    expect(await ask(`${url}/peers`, { headers: { ...JSON_HEADERS, ...length }, body })).toMatchObject({ status: 413 })
    const chunked = { ...JSON_HEADERS, "transfer-encoding": "chunked" }
    expect(await ask(`${url}/peers`, { headers: chunked, body })).toMatchObject({
      status: 413,
      headers: { connection: "close" },
      body: { error: { code: "too_large" } },
    })
  })

  it("what is no HTTP with 400, and hangs up (hostile.md 40)", async () => {
    const { port } = await start()
    expect(await talk(port, "SSH-2.0-OpenSSH\r\n\r\n")).toMatch(/^HTTP\/1.1 400 .*"code":"bad_request"/s)
    expect(await talk(port, `GET /health HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(9_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 .*"code":"headers_too_large"/s,
    )
  })

  it("a body that drips with 408, and hangs up (hostile.md 40)", async () => {
    const { port } = await start({ requestTimeoutMs: 200 })
    const head = `POST /peers HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`
    expect(await talk(port, head)).toMatch(/^HTTP\/1.1 408 .*"code":"too_slow"/s)
  })

  it("what fails by its own fault with a bare 500, and lives on (hostile.md micro)", async () => {
    for (const thrown of [
      new Error("secret /path"),
      Object.assign(new Error("secret"), { statusCode: 418 }),
      "secret",
    ]) {
      const store: PeerStore = {
        register: () => Promise.reject(thrown),
        announce: () => Promise.reject(thrown),
        count: () => Promise.reject(thrown),
        totals: () => undefined,
        close: () => Promise.resolve(),
      }
      const { url } = await start({ store })
      const reply = await post(`${url}/peers`, good)
      expect(reply).toMatchObject({ status: 500, body: { error: { code: "internal_error" } } })
      expect(reply.text).not.toContain("secret")
      expect(await ask(`${url}/health`, { method: "GET" })).toMatchObject({ status: 200 })
    }
  })

  function talk(port: number, text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let said = ""
      const socket = connect(port, "127.0.0.1", () => socket.write(text))
      sockets.push(socket)
      socket.setEncoding("latin1").on("data", (chunk: string) => {
        said += chunk
      })
      socket.on("end", () => resolve(said)).on("error", reject)
    })
  }
})

describe("whose address a peer has", () => {
  const proxied = (address: string) => ({ "x-forwarded-for": address })

  it("is the one the request came from, whatever X-Forwarded-For says (hostile.md 41)", async () => {
    const tracker = await start()
    await post(`${tracker.url}/hash`, { hash: uuidOf(1), ...self(300) }, proxied("10.9.9.9"))
    const { body } = await post(`${tracker.url}/peers`, { hash: uuidOf(1), ...self(301) })
    expect(body).toMatchObject({ peers: [peerAt(300)] })
  })

  it("is the last one before our proxies, when one of them asks (hostile.md 41)", async () => {
    const tracker = await start({ proxies: ["127.0.0.0/8", "10.0.0.1"] })
    const claimed = proxied("8.8.8.8, 10.9.9.9, 10.0.0.1")
    await post(`${tracker.url}/hash`, { hash: uuidOf(1), ...self(300) }, claimed)
    const { body } = await post(`${tracker.url}/peers`, { hash: uuidOf(1), ...self(301) }, proxied("::ffff:10.9.9.8"))
    expect(body).toMatchObject({ peers: [peerAt(300, "10.9.9.9")] })
  })

  it.each([
    ["8.8.4.4", "8.8.8.8", false],
    ["10.0.0.7", "8.8.8.8", false],
    ["8.8.8.8", "10.0.0.7", false],
    ["127.0.0.1", "10.0.0.7", false],
    ["8.8.8.8", "8.8.8.8", true],
    // Several networks of one site, and NATs between them.
    ["10.0.0.7", "192.168.1.1", true],
    ["10.0.0.7", "fd00::1", true],
    ["100.64.0.1", "172.16.0.1", true],
  ])("may be said to be %s by a caller at %s: %s (hostile.md 41)", async (listeningHost, caller, allowed) => {
    const tracker = await start({ proxies: ["127.0.0.1"] })
    const said = { hash: uuidOf(1), listening_host: listeningHost, listening_port: 300 }
    const { status, body } = await post(`${tracker.url}/hash`, said, proxied(caller))
    expect(status).toBe(allowed ? 200 : 400)
    if (!allowed) expect(body).toMatchObject({ error: { code: "foreign_address" } })
  })

  it("may be any, but loopback, for a caller that has the tracker's token", async () => {
    const tracker = await start({ proxies: ["127.0.0.1"], token: "open-sesame" })
    const headers = { ...proxied("8.8.8.8"), authorization: "Bearer open-sesame" }
    const said = (host: string) => ({ hash: uuidOf(1), listening_host: host, listening_port: 300 })
    expect(await post(`${tracker.url}/hash`, said("2001:db8::1"), headers)).toMatchObject({ status: 200 })
    expect(await post(`${tracker.url}/hash`, said("127.0.0.1"), headers)).toMatchObject({ status: 400 })
  })

  it("may be named by a client on the tracker's machine, which meets it over loopback", async () => {
    const tracker = await start()
    await post(`${tracker.url}/hash`, { hash: uuidOf(1), listening_host: "10.0.0.7", listening_port: 300 })
    const { body } = await post(`${tracker.url}/peers`, { hash: uuidOf(1), ...self(301) })
    expect(body).toMatchObject({ peers: [peerAt(300, "10.0.0.7")] })
  })

  it("is found under 127.0.0.1 and ::1 alike when the tracker listens on localhost", async () => {
    const tracker = await start({ host: "localhost" })
    expect((await ask(`http://127.0.0.1:${tracker.port}/health`, { method: "GET" })).status).toBe(200)
    const loopbacks = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? [])
    if (loopbacks.includes("::1"))
      expect((await ask(`http://[::1]:${tracker.port}/health`, { method: "GET" })).status).toBe(200)
  })

  function uuidOf(number: number): string {
    return `0b7d3c52-5a3e-4e6a-9c1f-${String(number).padStart(12, "0")}`
  }
})

describe("a tracker with a token", () => {
  it("answers whoever sends it, and tells nobody else anything but that it is well", async () => {
    const { url } = await start({ token: "open-sesame" })
    for (const authorization of [undefined, "", "open-sesame", "Bearer open", "Bearer open-sesames", "Basic x"]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      const reply = await post(`${url}/hash`, self(300), headers)
      expect(reply).toMatchObject({ status: 401, body: { error: { code: "unauthorized" } } })
      expect(reply.headers["www-authenticate"]).toBe("Bearer")
    }
    expect((await post(`${url}/hash`, self(300), { authorization: "Bearer open-sesame" })).status).toBe(200)
    expect((await ask(`${url}/announce`, { method: "GET" })).status).toBe(401)
    expect((await ask(`${url}/health`, { method: "GET" })).status).toBe(200)
  })
})

it("a tracker with a token is used by our client", async () => {
  const { url } = await start({ token: "open-sesame" })
  const us = { listeningHost: "0.0.0.0", listeningPort: 7001 }
  await createTrackerClient({ url, token: "open-sesame" }).register(us)
  await expect(createTrackerClient({ url }).register(us)).rejects.toMatchObject({ code: "refused", status: 401 })
})

describe("one address among many", () => {
  const proxied = (address: string) => ({ "x-forwarded-for": address })

  it("registers as many documents as its budget allows, then comes again later (hostile.md 42)", async () => {
    const clock = new FakeClock()
    const { url } = await start({ clock, proxies: ["127.0.0.1"], documentBudget: { burst: 3, perSecond: 1 } })
    const register = async (address: string) => (await post(`${url}/hash`, self(300), proxied(address))).status
    expect([await register("8.8.8.8"), await register("8.8.8.8"), await register("8.8.8.8")]).toEqual([200, 200, 200])
    expect(await post(`${url}/hash`, self(300), proxied("8.8.8.8"))).toMatchObject({
      status: 429,
      headers: { "retry-after": "60" },
      body: { error: { code: "too_many_documents" } },
    })
    expect(await register("8.8.4.4")).toBe(200)
    clock.advance(1_000)
    expect([await register("8.8.8.8"), await register("8.8.8.8")]).toEqual([200, 429])
  })

  it("adds as many peers as its budget allows, over all its addresses, and keeps those it has (hostile.md 42)", async () => {
    const { url } = await start({ proxies: ["127.0.0.1"], peerBudget: { burst: 2, perSecond: 0 } })
    const hash = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
    await post(`${url}/hash`, { hash, ...self(300) })
    const announce = async (port: number, address = "2001:db8::1") =>
      (await post(`${url}/peers`, { hash, ...self(port) }, proxied(address))).status
    expect([await announce(1), await announce(2, "2001:db8::2"), await announce(3, "2001:db8::3")]).toEqual([
      200, 200, 429,
    ])
    expect([await announce(1), await announce(3, "2001:db8:0:1::3")]).toEqual([200, 200])
    const query = `hash=${hash}&info_hash=x&port=9`
    const headers = proxied("2001:db8::1")
    expect((await ask(`${url}/announce?${query}`, { method: "GET", headers })).text).toMatch(/^d14:failure reason/)
  })

  it("is told intervals that vary, so that a swarm does not come back as one crowd", async () => {
    const tracker = await start({ jitters: true })
    const hash = await register(tracker, 300)
    const seen = new Set<number>()
    for (let round = 0; round < 50; round++) {
      const { body } = await post(`${tracker.url}/peers`, { hash, ...self(301) })
      seen.add((body as { interval: number }).interval)
    }
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(27)
    expect(Math.max(...seen)).toBeLessThanOrEqual(33)
    expect(seen.size).toBeGreaterThan(1)
  })
})

describe("starting and stopping", () => {
  it("says in one line that a port is in use (hostile.md 34)", async () => {
    const { port } = await start()
    await expect(start({ port })).rejects.toMatchObject({ name: "ConfigError", code: "port_in_use" })
  })

  it("says that a host is not this machine's", async () => {
    await expect(start({ host: "192.0.2.1" })).rejects.toMatchObject({ code: "bad_host" })
  })

  it("closes twice, and with an idle connection open", async () => {
    const tracker = await start()
    const socket = connect(tracker.port, "127.0.0.1")
    sockets.push(socket)
    await once(socket, "connect")
    await Promise.all([tracker.close(), tracker.close()])
  })
})
