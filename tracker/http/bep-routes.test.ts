import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { text } from "node:stream/consumers"
import { afterEach, describe, expect, it } from "vitest"
import { formatCompact, splitCompact } from "../peers/compact.js"
import { startTracker, type Tracker } from "../program/server.js"

const uuid = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
// Raw bytes as clients send them: neither UTF-8 nor free of "&", "=", "+" and "%".
const infoHash = Buffer.from("ff00262b3d25c3280102030405060708090a0b0c", "hex")
const encodedHash = [...infoHash].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")

let tracker: Tracker | undefined
afterEach(() => tracker?.close())

async function start(): Promise<string> {
  tracker = await startTracker({ host: "127.0.0.1", port: 0, jitters: false })
  await post("/hash", { hash: uuid, listening_host: "0.0.0.0", listening_port: 300 })
  return tracker.url
}

async function post(path: string, body: unknown): Promise<unknown> {
  const headers = { "content-type": "application/json" }
  const answer = await fetch(`${tracker?.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) })
  return answer.json()
}

/** The answer's bytes, one character each. */
async function get(path: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${tracker?.url}${path}`)
  return { status: answer.status, text: Buffer.from(await answer.arrayBuffer()).toString("latin1") }
}

const announce = (port: number | string, more = "") =>
  get(`/announce?hash=${uuid}&info_hash=${encodedHash}&peer_id=-XX0001-abcdefghijkl&port=${port}&compact=1${more}`)

function peersOf(text: string): string[] {
  const [, length] = /5:peers(\d+):/.exec(text) ?? []
  const start = text.indexOf(`5:peers${length}:`) + `5:peers${length}:`.length
  return splitCompact(Buffer.from(text.slice(start, start + Number(length)), "latin1"), 6).map(formatCompact)
}

describe("a BEP 3 announce", () => {
  it("meets the swarm of POST /peers", async () => {
    await start()
    const { status, text } = await announce(301, "&left=5&event=started&uploaded=0&downloaded=0")
    expect(status).toBe(200)
    expect(text).toBe("d8:completei1e10:incompletei1e8:intervali30e5:peers6:\x7f\x00\x00\x01\x01\x2ce")
    const { peers } = (await post("/peers", { hash: uuid, listening_host: "0.0.0.0", listening_port: 300 })) as {
      peers: unknown
    }
    expect(peers).toEqual([{ listening_host: "127.0.0.1", listening_port: 301 }])
  })

  it("gives as many peers as numwant says, 50 without it", async () => {
    await start()
    for (let port = 1; port <= 60; port++) await announce(port, "&numwant=0")
    expect(peersOf((await announce(1)).text)).toHaveLength(50)
    expect(peersOf((await announce(1, "&numwant=7")).text)).toHaveLength(7)
    expect(peersOf((await announce(1, "&numwant=1000")).text)).toHaveLength(60)
  })

  it("is taken at a path with a slash at its end, and as an absolute-form target [E14]", async () => {
    await start()
    const query = `?hash=${uuid}&info_hash=${encodedHash}&port=301`
    expect((await get(`/announce/${query}`)).text).toContain("8:interval")
    const { hostname, port, host } = new URL(tracker?.url ?? "")
    const asked = request({ hostname, port, path: `http://${host}/announce${query}`, agent: false }).end()
    const [answer] = (await once(asked, "response")) as [IncomingMessage]
    expect(answer.statusCode).toBe(200)
    expect(await text(answer)).toContain("8:interval")
  })

  it.each(["", "info_hash=x", `info_hash=${"x".repeat(21)}`])("joins no swarm with %j [E14]", async (parameter) => {
    await start()
    expect((await get(`/announce?hash=${uuid}&${parameter}&port=301`)).text).toMatch(/failure reason.*info_hash/)
    expect(peersOf((await announce(302)).text)).toEqual(["127.0.0.1:300"])
  })

  it("removes a peer that stopped, and accepts unknown events", async () => {
    await start()
    await announce(301, "&event=paused")
    expect(peersOf((await announce(302, "&event=")).text)).toHaveLength(2)
    await announce(301, "&event=stopped")
    expect(peersOf((await announce(302)).text)).toEqual(["127.0.0.1:300"])
  })

  it("gives IPv6 peers their own list", async () => {
    await start()
    await post("/peers", { hash: uuid, listening_host: "2001:db8::1", listening_port: 258 })
    const { text } = await announce(301)
    const address = "\x20\x01\x0d\xb8".padEnd(15, "\0")
    expect(text.endsWith(`6:peers618:${address}\x01\x01\x02e`)).toBe(true)
  })

  it.each([
    ["no document", `/announce?info_hash=${encodedHash}&port=1`, /hash/],
    ["a malformed uuid", "/announce?hash=x&port=1", /hash/],
    [
      "an unknown document",
      `/announce?hash=00000000-0000-4000-8000-000000000000&info_hash=${encodedHash}&port=1`,
      /no document/,
    ],
    ["no port", `/announce?hash=${uuid}`, /port/],
    ["port 0", `/announce?hash=${uuid}&port=0`, /port/],
    ["port 65536", `/announce?hash=${uuid}&port=65536`, /port/],
    ["a scrape without info_hash", `/scrape?hash=${uuid}`, /info_hash/],
    [
      "a scrape of an unknown document",
      `/scrape?hash=00000000-0000-4000-8000-000000000000&info_hash=${encodedHash}`,
      /no such/,
    ],
  ])("gets a failure reason for %s [hostile 41]", async (_what, path, reason) => {
    await start()
    const { status, text } = await get(path)
    expect(status).toBe(200)
    const [, length, message = ""] = /^d14:failure reason(\d+):(.*)e$/s.exec(text) ?? []
    expect(message).toMatch(reason)
    expect(message).toHaveLength(Number(length))
  })
})

describe("a BEP 48 scrape", () => {
  it("counts seeders and leechers under the info hash it was asked for", async () => {
    await start()
    await announce(301, "&left=5")
    const { text } = await get(`/scrape?hash=${uuid}&info_hash=${encodedHash}`)
    const hash = infoHash.toString("latin1")
    expect(text).toBe(`d5:filesd20:${hash}d8:completei1e10:downloadedi0e10:incompletei1eeee`)
  })

  const encoded = (number: number) => `%${number.toString(16).padStart(2, "0")}${"x".repeat(19)}`
  const raw = (number: number) => String.fromCharCode(number) + "x".repeat(19)
  const scrape = (...parameters: string[]) => get(`/scrape?${parameters.join("&")}`)
  const numbers = (complete: number, downloaded: number, incomplete: number) =>
    `d8:completei${complete}e10:downloadedi${downloaded}e10:incompletei${incomplete}ee`

  it("reports how often a document was completed [E14]", async () => {
    await start()
    await announce(301, "&left=5")
    await announce(301, "&left=0&event=completed")
    const { text } = await scrape(`hash=${uuid}`, `info_hash=${encoded(1)}`)
    expect(text).toBe(`d5:filesd20:${raw(1)}${numbers(2, 1, 0)}ee`)
  })

  it("answers every info hash once and in order, 74 at most [E14]", async () => {
    await start()
    const asked = [200, 3, 3, 100].map((number) => `info_hash=${encoded(number)}`)
    const { text } = await scrape(...asked, `hash=${uuid}`)
    expect(text).toBe(`d5:filesd${[3, 100, 200].map((each) => `20:${raw(each)}${numbers(1, 0, 0)}`).join("")}ee`)
    const many = Array.from({ length: 90 }, (_, number) => `info_hash=${encoded(number)}`)
    expect((await scrape(`hash=${uuid}`, ...many)).text.match(/8:complete/g)).toHaveLength(74)
  })

  it("answers several documents, each under its own info hash, without those that are unknown [E14]", async () => {
    await start()
    const [other, unknown] = [uuid.replace("0b", "1b"), uuid.replace("0b", "2b")]
    await post("/hash", { hash: other, listening_host: "0.0.0.0", listening_port: 300 })
    await announce(301, "&left=5")
    const pairs = [uuid, other, unknown].flatMap((hash, number) => [`hash=${hash}`, `info_hash=${encoded(number)}`])
    expect((await scrape(...pairs)).text).toBe(
      `d5:filesd20:${raw(0)}${numbers(1, 0, 1)}20:${raw(1)}${numbers(1, 0, 0)}ee`,
    )
    expect((await scrape(...pairs.slice(0, -1))).text).toMatch(/failure reason.*one for each info_hash/)
  })
})
