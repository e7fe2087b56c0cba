import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { gzipSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type BencodeInput, encodeBencode } from "../base/encode-bencode.js"
import type { TrackerError } from "../base/errors.js"
import { createBep3Tracker } from "./bep3-tracker.js"
import type { TrackerClient } from "./tracker-client.js"

const LISTENING = { listeningHost: "127.0.0.1", listeningPort: 7001 }
const INFO_HASH = Uint8Array.from({ length: 20 }, (_, index) => index * 13)
const PEER_ID = new Uint8Array(20).fill(0x2d)

let server: Server
let asked: string[]
let status: number
let headers: Record<string, string>
let body: Uint8Array

beforeEach(async () => {
  asked = []
  status = 200
  headers = {}
  server = createServer((request, response) => {
    asked.push(request.url ?? "")
    response.writeHead(status, headers).end(body)
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function tracker(path = "/announce"): TrackerClient {
  const { port } = server.address() as AddressInfo
  return createBep3Tracker({
    announceUrl: `http://127.0.0.1:${port}${path}`,
    infoHash: INFO_HASH,
    peerId: PEER_ID,
    timeoutMs: 20_000,
  })
}

function answers(value: BencodeInput, withStatus = 200): void {
  body = encodeBencode(value)
  status = withStatus
}

async function refusalOf(request: Promise<unknown>): Promise<TrackerError> {
  return request.then(
    () => Promise.reject(new Error("it was accepted")),
    (error: TrackerError) => error,
  )
}

describe("a standard tracker", () => {
  it("is asked as BEP 3 and 23 have it, with the query that its URL has", async () => {
    answers({ interval: 1_800, peers: "" })
    const request = { ...LISTENING, hash: "", left: 5, uploaded: 1, downloaded: 2, event: "started" } as const
    const answer = await tracker("/announce?passkey=a%20b").announce(request)
    expect(answer).toEqual({ peers: [], intervalSeconds: 1_800, minIntervalSeconds: 1_800 })
    const [path, query = ""] = (asked[0] ?? "").split("?")
    expect(path).toBe("/announce")
    const fields = new Map(query.split("&").map((field) => field.split("=") as [string, string]))
    expect(fields.get("passkey")).toBe("a%20b")
    expect(fields.get("info_hash")).toBe([...INFO_HASH].map((byte) => `%${hex(byte)}`).join(""))
    expect(fields.get("peer_id")).toBe("%2D".repeat(20))
    expect(Object.fromEntries(fields)).toMatchObject({
      port: "7001",
      left: "5",
      uploaded: "1",
      downloaded: "2",
      event: "started",
      compact: "1",
    })
  })

  it("receives the announced address, when the config names one [P9]", async () => {
    answers({ interval: 60, peers: "" })
    const { port } = server.address() as AddressInfo
    const options = { announceUrl: `http://127.0.0.1:${port}/announce`, infoHash: INFO_HASH, peerId: PEER_ID }
    await createBep3Tracker({ ...options, announcedHost: "2001:db8::1" }).announce({ ...LISTENING, hash: "" })
    await createBep3Tracker(options).announce({ ...LISTENING, hash: "" })
    expect(asked.map((url) => new URL(url, "http://t").searchParams.get("ip"))).toEqual(["2001:db8::1", null])
  })

  it("returns compact peers of both families, without ourselves and invalid addresses", async () => {
    const peers = Uint8Array.from([
      10, 0, 0, 1, 0, 80, 127, 0, 0, 1, 0x1b, 0x59, 10, 0, 0, 2, 0, 0, 224, 0, 0, 1, 0, 80, 9,
    ])
    const peers6 = Uint8Array.from([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1a, 0xe1])
    answers({ interval: 60, peers, peers6 })
    const answer = await tracker().announce({ ...LISTENING, hash: "" })
    expect(answer.peers).toEqual([
      { host: "10.0.0.1", port: 80 },
      { host: "2001:db8::1", port: 6881 },
    ])
  })

  it("waits for its turn without delaying a caller that aborts [E4]", async () => {
    let asks = 0
    const { port } = server.address() as AddressInfo
    const client = createBep3Tracker({
      announceUrl: `http://127.0.0.1:${port}/announce`,
      infoHash: INFO_HASH,
      peerId: PEER_ID,
      limit: (run) => (asks++ === 0 ? new Promise(() => {}) : run()),
    })
    const caller = new AbortController()
    const given = client.announce({ ...LISTENING, hash: "" }, caller.signal)
    caller.abort(new Error("leaving"))
    await expect(given).rejects.toThrow("leaving")
    await expect(client.announce({ ...LISTENING, hash: "" }, caller.signal)).rejects.toThrow("leaving")
    expect(asked).toEqual([])
  })

  it("may send peers as a list of dictionaries", async () => {
    answers({
      interval: 60,
      peers: [{ ip: "10.0.0.1", port: 80, "peer id": "x" }, { ip: "name.example", port: 80 }, 5],
    })
    const answer = await tracker().announce({ ...LISTENING, hash: "" })
    expect(answer.peers).toEqual([{ host: "10.0.0.1", port: 80 }])
  })

  it("gets back the tracker id it gave", async () => {
    answers({ interval: 60, peers: "", "tracker id": "a&b" })
    const client = tracker()
    await client.announce({ ...LISTENING, hash: "" })
    await client.announce({ ...LISTENING, hash: "" })
    expect(asked.map((url) => /&trackerid=(.*)$/.exec(url)?.[1])).toEqual([undefined, "%61%26%62"])
  })

  it.each<[string, BencodeInput, number, string, RegExp]>([
    ["a failure reason", { "failure reason": "not \u001b[2Jregistered" }, 200, "refused", /refused: not .*registered/],
    ["a failure reason with a status of its own", { "failure reason": "go away" }, 400, "refused", /go away/],
    ["a busy tracker", {}, 503, "busy", /busy/],
    ["a wrong address", {}, 404, "refused", /404/],
    ["a broken tracker", {}, 500, "bad_answer", /500/],
    ["a redirect", {}, 302, "bad_answer", /302/],
    ["something that is no dictionary", [1], 200, "bad_answer", /not a bencoded dictionary/],
  ])("is reported for %s [hostile 37]", async (_, answer, withStatus, code, message) => {
    answers(answer, withStatus)
    const refusal = await refusalOf(tracker().announce({ ...LISTENING, hash: "" }))
    expect(refusal).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(refusal.message).not.toContain("\u001b")
  })

  it("that says when to come back is believed (BEP 31)", async () => {
    answers({ "failure reason": "overloaded", "retry in": 3 })
    const refusal = await refusalOf(tracker().announce({ ...LISTENING, hash: "" }))
    expect(refusal.retryAfterMs).toBe(180_000)
  })

  it("may be compressed unasked, said or unsaid [E7]", async () => {
    for (const said of [{}, { "content-encoding": "gzip" }]) {
      answers({ interval: 60, peers: Uint8Array.from([10, 0, 0, 1, 0, 80]) })
      body = gzipSync(body)
      headers = said
      const answer = await tracker().announce({ ...LISTENING, hash: "" })
      expect(answer.peers).toEqual([{ host: "10.0.0.1", port: 80 }])
    }
  })

  it("that unfolds into a book is cut off [E7]", async () => {
    body = gzipSync(new Uint8Array(3 * 1024 * 1024))
    expect(await refusalOf(tracker().announce({ ...LISTENING, hash: "" }))).toMatchObject({ code: "too_large" })
  })

  it("named by a name of this machine may have peers on this machine [E8]", async () => {
    answers({ interval: 60, peers: Uint8Array.from([127, 0, 0, 1, 0, 80]) })
    const { port } = server.address() as AddressInfo
    const client = createBep3Tracker({
      announceUrl: `http://host.lab:${port}/announce`,
      infoHash: INFO_HASH,
      peerId: PEER_ID,
      lookup: (_name, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
    })
    const { peers } = await client.announce({ ...LISTENING, hash: "" })
    expect(peers).toEqual([{ host: "127.0.0.1", port: 80 }])
  })

  it("that sends a book is cut off [hostile 37]", async () => {
    body = new Uint8Array(3 * 1024 * 1024)
    expect(await refusalOf(tracker().announce({ ...LISTENING, hash: "" }))).toMatchObject({ code: "too_large" })
  })
})

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0")
}
