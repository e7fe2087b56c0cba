import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { createTrackerClient } from "../../core/announce/tracker-client.js"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { ask, closeTrackers, peerAt, post, register, self, start } from "../testing/requests.js"

const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await closeTrackers()
})

/** All that the tracker says to these bytes until it hangs up. */
async function said(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1", () => socket.write(bytes))
  sockets.push(socket)
  let text = ""
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk
  })
  await once(socket, "close")
  return text
}

describe("a request with a wrong head", () => {
  it.each([
    ["no Host", "GET /health HTTP/1.1\r\n\r\n"],
    ["two Hosts", "GET /health HTTP/1.1\r\nHost: localhost\r\nhost: evil.example\r\n\r\n"],
    ["two Hosts in HTTP/1.0", "GET /health HTTP/1.0\r\nHost: localhost\r\nHost: localhost\r\n\r\n"],
  ])("that has %s gets 400 in JSON [V4]", async (_what, bytes) => {
    const text = await said((await start()).port, bytes)
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text).toContain('{"error":{"code":"bad_host"')
  })

  it("that expects something unknown is answered as ever [V4]", async () => {
    const head = "GET /health HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\nConnection: close\r\n\r\n"
    expect(await said((await start()).port, head)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"status":"ok"\}$/)
  })

  it("of HTTP/1.0 needs no Host [V4]", async () => {
    expect(await said((await start()).port, "GET /health HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 200 /)
  })
})

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

describe("starting and stopping", () => {
  it("says in one line that a port is in use [hostile 34]", async () => {
    const { port } = await start()
    await expect(start({ port })).rejects.toMatchObject({ name: "TryAgainError", code: "port_in_use" })
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
