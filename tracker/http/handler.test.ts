import { connect, type Socket } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import type { PeerStore } from "../peers/peer-store.js"
import { ask, closeTrackers, JSON_HEADERS, post, self, start } from "../testing/requests.js"

const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await closeTrackers()
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
  ])("%s with 400 [hostile 40, 41]", async (_what, body) => {
    const { url } = await start()
    for (const path of ["/peers", "/hash"]) {
      const inert = path === "/hash" && /left|limit|event/.test(body)
      const reply = await ask(url + path, { headers: JSON_HEADERS, body })
      expect(reply.status, path).toBe(inert ? 200 : 400)
      if (!inert)
        expect(reply.body).toEqual({ error: { code: expect.stringMatching(/^bad_/), message: expect.any(String) } })
    }
  })

  it("a document it does not know with 404 [hostile 41]", async () => {
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
  ])("the content-type %s with 415 [hostile 40, micro]", async (type) => {
    const { url } = await start()
    const reply = await ask(`${url}/peers`, { headers: { "content-type": type }, body: JSON.stringify(good) })
    expect(reply).toMatchObject({ status: 415, body: { error: { code: "not_json" } } })
  })

  it("a large body with 413, announced or not, without reading it all [hostile 40]", async () => {
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

  it("what is no HTTP with 400, and hangs up [hostile 40]", async () => {
    const { port } = await start()
    expect(await talk(port, "SSH-2.0-OpenSSH\r\n\r\n")).toMatch(/^HTTP\/1.1 400 .*"code":"bad_request"/s)
    expect(await talk(port, `GET /health HTTP/1.1\r\nhost: a\r\nx: ${"x".repeat(9_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 .*"code":"headers_too_large"/s,
    )
  })

  it("a body that drips with 408, and hangs up [hostile 40]", async () => {
    const { port } = await start({ requestTimeoutMs: 200 })
    const head = `POST /peers HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`
    expect(await talk(port, head)).toMatch(/^HTTP\/1.1 408 .*"code":"too_slow"/s)
  })

  it("what fails by its own fault with a bare 500, and lives on [hostile micro]", async () => {
    for (const thrown of [
      new Error("secret /path"),
      Object.assign(new Error("secret"), { statusCode: 418 }),
      "secret",
    ]) {
      const store: PeerStore = {
        register: () => Promise.reject(thrown),
        announce: () => Promise.reject(thrown),
        count: () => Promise.reject(thrown),
        status: () => Promise.reject(thrown),
        probe: () => Promise.reject(thrown),
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
