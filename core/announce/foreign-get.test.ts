import type { LookupAddress } from "node:dns"
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, it, vi } from "vitest"
import type { NormalHost } from "../address/host.js"
import type { TrackerError } from "../base/errors.js"
import { type LookupAll, mayLeadTo } from "./foreign-address.js"
import { getForeign } from "./foreign-get.js"

/** The address that counts as one of the world in a test. */
const world = vi.hoisted(() => ({ host: "" }))
vi.mock("../address/host.js", async (original) => {
  const real = await original<typeof import("../address/host.js")>()
  return { ...real, reachOf: (host: NormalHost) => (host.host === world.host ? "public" : real.reachOf(host)) }
})

const servers: Server[] = []
afterEach(async () => {
  world.host = ""
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, "close")
  }
})

interface Asked {
  readonly url: string | undefined
  readonly host: string | undefined
  readonly credentials: string | undefined
}

/** A server on 127.0.0.1 that keeps what it was asked. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const { host, authorization } = request.headers
    asked.push({ url: request.url, host, credentials: authorization })
    answer(request, response)
  })
  servers.push(server)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return { asked, port: (server.address() as AddressInfo).port }
}

const OPTIONS = { headers: {}, timeoutMs: 20_000, maxBodyBytes: 1_000, signal: undefined }

/** Resolves every name to `addresses`. */
function resolvesTo(...addresses: readonly string[]): LookupAll {
  const found = addresses.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 }))
  return (_name, _options, done) => done(null, found)
}

function refusalOf(answer: Promise<unknown>): Promise<TrackerError> {
  return answer.then(
    () => Promise.reject(new Error("it was accepted")),
    (error: TrackerError) => error,
  )
}

describe("an address from a foreign torrent file", () => {
  it.each(["/admin/reboot?confirm=1", "/", "/announcements/delete", "/?x=/announce"])(
    "that means this machine is not asked for %s [S14]",
    async (path) => {
      const { asked, port } = await serve((_request, response) => response.end())
      for (const host of ["127.0.0.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0", "localhost"]) {
        const refusal = await refusalOf(getForeign({ ...OPTIONS, url: `http://${host}:${port}${path}` }))
        expect(refusal).toMatchObject({
          code: "forbidden_address",
          message: expect.stringMatching(/this machine.*"\/announce"/),
        })
      }
      const byName = { ...OPTIONS, url: `http://tracker.example:${port}${path}`, lookup: resolvesTo("127.0.0.1") }
      expect(await refusalOf(getForeign(byName))).toMatchObject({ code: "forbidden_address" })
      expect(asked).toEqual([])
    },
  )

  it("that means this machine gets no name and password, an announce path is asked [S14]", async () => {
    const { asked, port } = await serve((_request, response) => response.end("yes"))
    const answer = await getForeign({ ...OPTIONS, url: `http://root:toor@127.0.0.1:${port}/p2p/announce.php?x=1` })
    expect(Buffer.from(answer.body).toString()).toBe("yes")
    expect(asked).toEqual([{ url: "/p2p/announce.php?x=1", host: `127.0.0.1:${port}`, credentials: undefined }])
  })

  it("that is localhost means this machine by both its addresses, whatever the hosts file says [E11]", async () => {
    const server = createServer((_request, response) => response.end("six"))
    servers.push(server)
    server.listen(0, "::1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    const answer = await getForeign({ ...OPTIONS, url: `http://localhost:${port}/announce` })
    expect(Buffer.from(answer.body).toString()).toBe("six")
  })

  it("of the world gets its name and password, decoded as they were written [S14]", async () => {
    const { asked, port } = await serve((_request, response) => response.end())
    world.host = "127.0.0.1"
    await getForeign({ ...OPTIONS, url: `http://user:pa%40ss@127.0.0.1:${port}/tracker.php` })
    await getForeign({ ...OPTIONS, url: `http://%zz:%@127.0.0.1:${port}/tracker.php` })
    expect(asked.map(({ credentials }) => credentials)).toEqual(
      ["user:pa@ss", "%zz:%"].map((each) => `Basic ${Buffer.from(each).toString("base64")}`),
    )
  })

  it.each(["169.254.169.254", "[fe80::1]", "224.0.0.1", "255.255.255.255", "[ff02::1]"])(
    "is never asked at %s [S14]",
    async (host) => {
      expect(await refusalOf(getForeign({ ...OPTIONS, url: `http://${host}/announce` }))).toMatchObject({
        code: "forbidden_address",
      })
    },
  )

  it("is connected to where it was looked at, and a name with several addresses counts as its nearest [S14]", async () => {
    const { asked, port } = await serve((_request, response) => response.end())
    const url = `http://tracker.example:${port}`
    const both = resolvesTo("192.0.2.1", "127.0.0.1")
    expect(await refusalOf(getForeign({ ...OPTIONS, url: `${url}/x`, lookup: both }))).toMatchObject({
      code: "forbidden_address",
    })
    let lookups = 0
    const counted: LookupAll = (name, options, done) => {
      lookups++
      resolvesTo("127.0.0.1")(name, options, done)
    }
    await getForeign({ ...OPTIONS, url: `${url}/announce`, lookup: counted })
    expect(lookups).toBe(1)
    expect(asked).toHaveLength(1)
  })
})

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])("with status %s is followed [E7]", async (status) => {
    const to = await serve((_request, response) => response.end("there"))
    const from = await serve((_request, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${to.port}/announce?moved=1` }).end(),
    )
    const answer = await getForeign({ ...OPTIONS, url: `http://127.0.0.1:${from.port}/announce` })
    expect(Buffer.from(answer.body).toString()).toBe("there")
    expect(to.asked.map(({ url }) => url)).toEqual(["/announce?moved=1"])
  })

  it("is followed five times [E7]", async () => {
    const { asked, port } = await serve(({ url = "" }, response) => {
      const left = Number(url.slice(-1))
      if (left === 0) response.end("there")
      else response.writeHead(302, { location: `/announce${left - 1}` }).end()
    })
    const answer = await getForeign({ ...OPTIONS, url: `http://127.0.0.1:${port}/announce5` })
    expect(Buffer.from(answer.body).toString()).toBe("there")
    const refusal = await refusalOf(getForeign({ ...OPTIONS, url: `http://127.0.0.1:${port}/announce6` }))
    expect(refusal).toMatchObject({ code: "bad_answer", message: expect.stringMatching(/more than 5 times/) })
    expect(asked).toHaveLength(12)
  })

  it("to what is neither http nor https is not followed [E7]", async () => {
    const { port } = await serve((_request, response) =>
      response.writeHead(302, { location: "file:///etc/passwd" }).end(),
    )
    const refusal = await refusalOf(getForeign({ ...OPTIONS, url: `http://127.0.0.1:${port}/announce` }))
    expect(refusal).toMatchObject({ code: "bad_answer", message: expect.stringMatching(/only http and https/) })
  })

  it.each([
    ["this machine", "http://127.0.0.2:1/announce"],
    ["a name that means this machine", "http://inside.example/announce"],
    ["an address of the own network", "http://10.0.0.1/announce"],
  ])("from the world to %s is not followed [E7, S14]", async (_what, location) => {
    const from = await serve((_request, response) => response.writeHead(302, { location }).end())
    // Tests reach nothing but this machine, so one of its addresses stands for the world.
    world.host = "127.0.0.1"
    const options = { ...OPTIONS, url: `http://127.0.0.1:${from.port}/announce`, lookup: resolvesTo("127.0.0.2") }
    const refusal = await refusalOf(getForeign(options))
    expect(refusal).toMatchObject({ code: "forbidden_address", message: expect.stringMatching(/nearer than its own/) })
    expect(from.asked).toHaveLength(1)
  })

  it("from the own network to this machine is not followed, to another host of that network it is [E7, S14]", async () => {
    expect(mayLeadTo("site", "machine")).toBe(false)
    expect(mayLeadTo("site", "site")).toBe(true)
    expect(mayLeadTo("site", "public")).toBe(true)
    expect(mayLeadTo("machine", "machine")).toBe(true)
  })

  it("takes no longer than one answer in total [E7]", async () => {
    const { port } = await serve((_request, response) => void response)
    const from = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/announce` }).end(),
    )
    const url = `http://127.0.0.1:${from.port}/announce`
    expect(await refusalOf(getForeign({ ...OPTIONS, url, timeoutMs: 300 }))).toMatchObject({
      code: "timeout",
      message: `the tracker at http://127.0.0.1:${from.port} did not answer within 0.3 s`,
    })
  })
})
