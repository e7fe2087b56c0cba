import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Playground } from "./playground.js"

const MIB = 1024 * 1024

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

const servers: Server[] = []

afterEach(async () => {
  await ground.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A client in line mode that has uploaded "sample". */
async function seeder(sizeBytes: number, extra: Readonly<Record<string, unknown>> = {}) {
  const config = await ground.config("a", extra)
  await writeFile(ground.path("a", "sample"), randomBytes(sizeBytes))
  const client = ground.client(config, "--json")
  client.type("upload sample sample.torrent.json")
  await client.event("upload_completed")
  return { config, client, torrent: ground.path("a", "sample.torrent.json") }
}

describe("status and wait", () => {
  it("tell two downloads by exit code, also of machines that leave as soon as they are done, over a restart of the tracker", async () => {
    const tracker = await ground.tracker()
    const { client, torrent } = await seeder(3 * MIB)
    client.type("wait sample --peers 2 --timeout 2m")
    await client.line(/"event":"waiting".*"peers":0,"wanted":2/)
    const first = ground.client(await ground.config("b"), "download", torrent)
    expect(await first.ended()).toBe(0)
    await client.line(/"event":"waiting".*"peers":1,"wanted":2/)
    tracker.kill("SIGKILL")
    await tracker.ended()
    await client.line(/"event":"wait_trouble".*"code":"unreachable"/)
    await ground.trackerIfNone()
    const second = ground.client(await ground.config("c"), "download", torrent)
    expect(await second.ended()).toBe(0)
    expect(await client.event("waited")).toMatchObject({ name: "sample", peers: 2, wanted: 2 })
    client.endInput()
    expect(await client.ended()).toBe(0)
  })

  it("show a machine that is still fetching, with what it has", async () => {
    await ground.tracker("--interval", "10")
    const { client, torrent } = await seeder(8 * MIB, { limits: { upload: "256KiB/s" } })
    const leecher = ground.client(await ground.config("b"), "--json", "download", torrent)
    await leecher.event("progress")
    client.type("status sample")
    const found = await client.event("status")
    expect(found).toMatchObject({ size_bytes: 8 * MIB, total: 2, complete: 1, downloading: 1, silent: 0 })
    expect(found["machines"]).toMatchObject([
      { state: "downloading", left_bytes: expect.any(Number) },
      { state: "complete", left_bytes: 0 },
    ])
    expect(found["slowest"]).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  it("end with a code that says why", async () => {
    const tracker = await ground.tracker()
    const { config, client } = await seeder(MIB)
    client.kill("SIGTERM")
    await client.ended()
    const codeOf = async (...words: readonly string[]) => {
      const program = ground.client(config, ...words)
      return [await program.ended(), /ERROR (\w+)/.exec(program.errors)?.[1]]
    }
    expect(await codeOf("wait", "sample", "--peers", "1", "--timeout", "1s")).toEqual([10, "wait_timeout"])
    expect(await codeOf("wait", "other", "--peers", "1")).toEqual([6, "no_such_document"])
    tracker.kill("SIGKILL")
    await tracker.ended()
    const old = await oldTracker()
    expect(await codeOf("status", "sample")).toEqual([4, "status_unsupported"])
    expect(await codeOf("wait", "sample", "--peers", "1")).toEqual([4, "status_unsupported"])
    old.isBusy = true
    expect(await codeOf("wait", "sample", "--peers", "1", "--timeout", "1s")).toEqual([4, "busy"])
  })

  /** A tracker of before these commands, on the port of this test. */
  async function oldTracker() {
    const old = { isBusy: false }
    const answers: Readonly<Record<string, string>> = {
      "/health": '{"status":"ok"}',
      "/alive": '{"unknown":[],"wanted":[],"interval":30}',
    }
    const server = createServer(({ url = "" }, response) => {
      const answer = answers[url]
      const [status, body] = answer === undefined ? [404, '{"error":{"code":"not_found","message":""}}'] : [200, answer]
      response.writeHead(old.isBusy ? 503 : status, { "content-type": "application/json" }).end(body)
    })
    servers.push(server)
    server.listen(ground.trackerPort, "127.0.0.1")
    await once(server, "listening")
    return old
  }
})
