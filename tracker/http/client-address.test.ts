import { networkInterfaces } from "node:os"
import { afterEach, describe, expect, it } from "vitest"
import { ask, closeTrackers, peerAt, post, proxied, self, start } from "../testing/requests.js"

afterEach(closeTrackers)

describe("whose address a peer has", () => {
  it("is the one the request came from, whatever X-Forwarded-For says [hostile 41]", async () => {
    const tracker = await start()
    await post(`${tracker.url}/hash`, { hash: uuidOf(1), ...self(300) }, proxied("10.9.9.9"))
    const { body } = await post(`${tracker.url}/peers`, { hash: uuidOf(1), ...self(301) })
    expect(body).toMatchObject({ peers: [peerAt(300)] })
  })

  it("is the last one before our proxies, when one of them asks [hostile 41]", async () => {
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
  ])("may be said to be %s by a caller at %s: %s [hostile 41]", async (listeningHost, caller, allowed) => {
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
