import dns, { type LookupAddress } from "node:dns"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import net, { type AddressInfo } from "node:net"
import { afterEach, describe, expect, it, vi } from "vitest"
import { createTrackerClient } from "./tracker-client.js"

type Found = (error: null, addresses: LookupAddress[]) => void

const uuid = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
const self = { listeningHost: "127.0.0.1", listeningPort: 7001 }
const request = { ...self, hash: uuid, left: 10 }

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, "close")
  }
})

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function serveText(status: number, body: string, headers: Record<string, string> = {}): Promise<string> {
  return serve((_request, response) => response.writeHead(status, headers).end(body))
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ""
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}

describe("the tracker client", () => {
  it("registers a document and returns its uuid", async () => {
    let received: unknown
    const url = await serve(async (incoming, response) => {
      received = { method: incoming.method, path: incoming.url, body: await bodyOf(incoming) }
      response.end(JSON.stringify({ hash: uuid.toUpperCase() }))
    })
    expect(await createTrackerClient({ url }).register(self)).toBe(uuid)
    expect(received).toEqual({
      method: "POST",
      path: "/hash",
      body: { listening_host: "127.0.0.1", listening_port: 7001 },
    })
  })

  it("announces and returns the other peers", async () => {
    let received: unknown
    const url = await serve(async (incoming, response) => {
      received = await bodyOf(incoming)
      const peers = [7001, 7002].map((port) => ({ listening_host: "127.0.0.1", listening_port: port }))
      response.end(JSON.stringify({ peers, interval: 12, total: 2 }))
    })
    const answer = await createTrackerClient({ url: `${url}/` }).announce({ ...request, event: "started", limit: 5 })
    expect(answer).toEqual({ peers: [{ host: "127.0.0.1", port: 7002 }], intervalSeconds: 12 })
    expect(received).toEqual({
      hash: uuid,
      listening_host: "127.0.0.1",
      listening_port: 7001,
      left: 10,
      event: "started",
      limit: 5,
    })
  })

  it("meets peers on this machine by a tracker whose name means this machine [E8]", async () => {
    const peer = { listening_host: "127.0.1.1", listening_port: 7002 }
    const url = await serveText(200, JSON.stringify({ peers: [peer] }))
    const lookup = vi
      .spyOn(dns, "lookup")
      .mockImplementation(((_name: string, _options: unknown, done: Found) =>
        done(null, [{ address: "127.0.0.1", family: 4 }])) as never)
    const client = createTrackerClient({ url: url.replace("127.0.0.1", "debian.lab") })
    const { peers } = await client.announce(request)
    expect(lookup).toHaveBeenCalledWith("debian.lab", expect.anything(), expect.anything())
    lookup.mockRestore()
    expect(peers).toEqual([{ host: "127.0.1.1", port: 7002 }])
  })

  it("says where a tracker that redirects has moved to, and what a web page is [E7]", async () => {
    const moved = await serveText(301, "", { location: "https://tracker.lab/" })
    await expect(createTrackerClient({ url: moved }).announce(request)).rejects.toThrow(
      /moved to https:\/\/tracker.lab/,
    )
    const page = await serveText(200, "\n<!doctype html>")
    await expect(createTrackerClient({ url: page }).announce(request)).rejects.toThrow(/web page/)
  })

  it("says that an answer is no JSON [W10]", async () => {
    const url = await serveText(200, "")
    await expect(createTrackerClient({ url }).announce(request)).rejects.toThrow(/can't be understood: it is no JSON$/)
  })

  it("gives an address of several seconds to answer, not Node's 250 ms [E9]", async () => {
    const connect = vi.spyOn(net.Socket.prototype, "connect")
    const url = await serveText(200, '{"peers": []}')
    await createTrackerClient({ url }).announce(request)
    const [first] = connect.mock.calls.flat(2)
    connect.mockRestore()
    expect(first).toMatchObject({ autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 3_000 })
  })

  it("takes 30 s for the interval of a tracker that names none", async () => {
    const url = await serveText(200, '{"peers": []}')
    expect(await createTrackerClient({ url }).announce(request)).toEqual({ peers: [], intervalSeconds: 30 })
  })

  it("does not follow a redirect [hostile 37]", async () => {
    let asked = 0
    const elsewhere = await serve((_request, response) => {
      asked++
      response.end('{"peers": []}')
    })
    const url = await serveText(302, "", { location: `${elsewhere}/peers` })
    await expect(createTrackerClient({ url }).announce(request)).rejects.toMatchObject({ code: "bad_answer" })
    expect(asked).toBe(0)
  })

  const error = (code: string, message: string) => JSON.stringify({ error: { code, message } })
  it.each([
    ["an unknown document", 404, error("unknown_hash", "no"), {}, { code: "unknown_hash" }],
    ["a 404 of something else", 404, "<html>", {}, { code: "refused", status: 404 }],
    ["a bad request", 400, error("bad_request", "port"), {}, { code: "refused", message: /port/ }],
    [
      "too many requests",
      429,
      error("too_many", "slow"),
      { "retry-after": "7" },
      { code: "busy", retryAfterMs: 7_000 },
    ],
    ["a wait of a year", 429, "", { "retry-after": "31536000" }, { code: "busy", retryAfterMs: 600_000 }],
    ["a store that is away", 503, "", {}, { code: "busy", retryAfterMs: undefined }],
    ["a 500", 500, "<html>", {}, { code: "bad_answer", status: 500 }],
    ["HTML", 200, "<html>", {}, { code: "bad_answer" }],
    ["an empty body", 200, "", {}, { code: "bad_answer" }],
    ["null", 200, "null", {}, { code: "bad_answer" }],
    ["peers that are no list", 200, '{"peers": {}}', {}, { code: "bad_answer" }],
    ["an interval that is no number", 200, '{"peers": [], "interval": "30"}', {}, { code: "bad_answer" }],
    ["an infinite interval", 200, '{"peers": [], "interval": 1e999}', {}, { code: "bad_answer" }],
  ])("names %s [hostile 37]", async (_what, status, body, headers, expected) => {
    const url = await serveText(status, body, headers)
    const failure = await createTrackerClient({ url })
      .announce(request)
      .catch((reason: unknown) => reason)
    const { message, ...facts } = expected as { message?: RegExp }
    expect(failure).toMatchObject({ name: "TrackerError", ...facts })
    if (message !== undefined) expect((failure as Error).message).toMatch(message)
  })

  it.each([
    ["store_full", 507, "busy", /--max-documents/],
    ["no_browsers", 403, "refused", /proxy/],
    ["wrong_host", 403, "refused", /tracker\.host.*--proxy/],
    ["too_much_work", 429, "busy", /asked again automatically/],
  ])("says what can be done about %s, in its own words", async (code, status, expected, words) => {
    const url = await serveText(status, error(code, "NOT SHOWN"), { "retry-after": "3600" })
    const failure = await createTrackerClient({ url })
      .announce(request)
      .catch((reason: unknown) => reason)
    expect(failure).toMatchObject({
      name: "TrackerError",
      code: expected,
      status,
      message: expect.stringMatching(words),
    })
    expect(failure).not.toMatchObject({ message: expect.stringContaining("NOT SHOWN") })
  })

  it.each(["__proto__", "constructor", "unheard_of"])("shows the tracker's words of the code %s", async (code) => {
    const url = await serveText(403, error(code, "its own words"))
    await expect(createTrackerClient({ url }).announce(request)).rejects.toThrow(/: its own words$/)
  })

  it("shows a tracker's words without their control characters [hostile 9]", async () => {
    const url = await serveText(400, error("x", "\u001b]0;owned\u0007\u001b[31mred\u202e"))
    const failure = await createTrackerClient({ url })
      .announce(request)
      .catch((reason: unknown) => reason)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
    expect((failure as Error).message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
  })

  it("stops reading an endless answer [hostile 37]", async () => {
    const url = await serve((_request, response) => {
      const chunk = Buffer.alloc(64 * 1024, " ")
      const write = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once("drain", write)
      }
      write()
    })
    await expect(createTrackerClient({ url }).announce(request)).rejects.toMatchObject({ code: "too_large" })
  })

  it("gives up on an answer that drips, not only on one that never begins [hostile 37]", async () => {
    const url = await serve((_request, response) => {
      const timer = setInterval(() => response.write(" "), 10)
      response.on("close", () => clearInterval(timer))
    })
    const client = createTrackerClient({ url, timeoutMs: 100 })
    await expect(client.announce(request)).rejects.toMatchObject({ code: "timeout" })
  })

  it("calls a tracker that hangs up unreachable", async () => {
    const url = await serve((incoming) => incoming.socket.destroy())
    await expect(createTrackerClient({ url }).announce(request)).rejects.toMatchObject({ code: "unreachable" })
  })

  it("reports a port without a listener as unreachable [hostile 37]", async () => {
    const url = await serveText(200, "")
    const server = servers.pop()
    server?.close()
    await expect(createTrackerClient({ url }).announce(request)).rejects.toMatchObject({ code: "unreachable" })
  })

  it("rejects with the reason of an aborted signal", async () => {
    const controller = new AbortController()
    const url = await serve(() => controller.abort(new Error("leaving")))
    await expect(createTrackerClient({ url }).announce(request, controller.signal)).rejects.toThrow("leaving")
  })

  it.each(["", "127.0.0.1:5000", "ftp://a", "http://"])("refuses %j as a tracker's address", (url) => {
    expect(() => createTrackerClient({ url })).toThrow(expect.objectContaining({ code: "bad_tracker_url" }))
  })

  it.each([
    ["http://0.0.0.0:5000", "http://127.0.0.1:5000"],
    ["http://[::]:5000", "http://[::1]:5000"],
    ["https://tracker.example/a/", "https://tracker.example/a"],
  ])("asks %s at %s", (url, expected) => {
    expect(createTrackerClient({ url }).url).toBe(expected)
  })
})
