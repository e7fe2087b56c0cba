import pino from "pino"
import { afterEach, describe, expect, it } from "vitest"
import { ask, closeTrackers, JSON_HEADERS, peerAt, post, proxied, self, start } from "../testing/requests.js"
import { createLocalNames } from "./local-names.js"

afterEach(closeTrackers)

const HASH = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
const BEP3 = `/announce?hash=${HASH}&info_hash=${"x".repeat(20)}&port=9`

describe("a page in a browser", () => {
  it.each([
    ["that sends text without a type", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["of an older browser", { origin: "https://evil.example" }],
    ["without an origin", { origin: "null" }],
    ["that shows an image", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
    ["of this very machine", { "sec-fetch-site": "same-site" }],
  ])("%s is refused, whatever it asks for [S10]", async (_what, headers) => {
    const { url } = await start()
    const refused = { status: 403, body: { error: { code: "no_browsers" } } }
    expect(await post(`${url}/hash`, { hash: HASH, ...self(1) }, headers)).toMatchObject(refused)
    expect(await ask(`${url}/hash`, { method: "OPTIONS", headers })).toMatchObject(refused)
    for (const path of [BEP3, "/health", "/metrics", "/nothing"])
      expect(await ask(url + path, { method: "GET", headers })).toMatchObject(refused)
    expect((await post(`${url}/peers`, { hash: HASH, ...self(1) })).status).toBe(404)
  })

  it("is none where a person typed the address [S10]", async () => {
    const { url } = await start()
    const headers = { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" }
    expect(await ask(`${url}/health`, { method: "GET", headers })).toMatchObject({ status: 200 })
  })

  it("can send no JSON that is not called so [S10]", async () => {
    const { url } = await start()
    expect(await ask(`${url}/hash`, { body: JSON.stringify(self(1)) })).toMatchObject({ status: 415 })
  })

  it("whose name was made to point at this machine is refused [S10]", async () => {
    const { url } = await start()
    const send = async (host: string) => (await post(`${url}/hash`, self(1), { host })).status
    expect(await send("evil.example:5000")).toBe(403)
    expect(await send("127.0.0.1.evil.example")).toBe(403)
    for (const host of ["localhost:5000", "127.0.0.1", "[::1]:5000", "tracker", "tracker.localhost"])
      expect(await send(host), host).toBe(200)
    expect((await ask(`${url}${BEP3}`, { method: "GET", headers: { host: "evil.example" } })).status).toBe(403)
  })

  it("has no name of the hosts file or of this machine [S10]", () => {
    const names = createLocalNames(
      "tracker.lab.example",
      "127.0.1.1 box.lab.example box # a.example\n8.8.8.8 b.example\n",
    )
    for (const name of ["box.lab.example:5000", "BOX.lab.example.", "tracker.lab.example", undefined])
      expect(names.has(name), name).toBe(true)
    for (const name of ["a.example", "b.example", "box.lab.example.evil.example", "x:y:z"])
      expect(names.has(name), name).toBe(false)
  })
})

describe("a proxy", () => {
  it("that --proxy does not name is logged once, and gets no privileges of this machine [S13]", async () => {
    const lines: string[] = []
    const { url } = await start({ log: pino({}, { write: (line: string) => lines.push(line) }) })
    for (let time = 0; time < 3; time++) {
      const said = { listening_host: "10.0.0.7", listening_port: 300 }
      expect((await post(`${url}/hash`, said, proxied("8.8.8.8"))).status).toBe(400)
    }
    expect((await post(`${url}/hash`, self(300), { forwarded: "for=8.8.8.8" })).status).toBe(200)
    expect(lines.filter((line) => line.includes("--proxy does not name"))).toHaveLength(1)
  })

  it.each(["garbage", "", "10.0.0.1,garbage", "8.8.8.8:123456"])(
    "that sends no readable address (%j) gets no privileges [S13]",
    async (header) => {
      const { url } = await start({ proxies: ["127.0.0.1"] })
      for (const host of ["10.0.0.7", "8.8.8.8", "127.0.0.2"])
        expect(
          (await post(`${url}/hash`, { listening_host: host, listening_port: 300 }, proxied(header))).status,
          host,
        ).toBe(400)
      expect((await post(`${url}/hash`, self(300), proxied(header))).status).toBe(200)
    },
  )

  it("that sends no address gets no privileges [S13]", async () => {
    const { url } = await start({ proxies: ["127.0.0.1"] })
    expect((await post(`${url}/hash`, { listening_host: "9.9.9.9", listening_port: 53 })).status).toBe(400)
  })

  it("may add ports to the addresses it sends, and pass its own Host on [S13]", async () => {
    const { url } = await start({ proxies: ["127.0.0.1"] })
    const headers = (address: string) => ({ ...proxied(address), host: "tracker.example.org", ...JSON_HEADERS })
    await post(`${url}/hash`, { hash: HASH, ...self(300) }, headers("8.8.8.8:1234"))
    await post(`${url}/peers`, { hash: HASH, ...self(301) }, headers("[2001:db8::1]:443"))
    const { body } = await post(`${url}/peers`, { hash: HASH, ...self(302) }, headers("8.8.4.4"))
    expect(body).toMatchObject({ peers: [peerAt(300, "8.8.8.8"), peerAt(301, "2001:db8::1")] })
  })
})
