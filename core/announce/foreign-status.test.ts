import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import pLimit from "p-limit"
import { afterEach, describe, expect, it } from "vitest"
import type { getForeign } from "./foreign-get.js"
import { foreignStatus } from "./foreign-status.js"

const HASH = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
const SUMS = '{"machines":[],"total":3,"complete":1,"downloading":2,"silent":0}'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

function ask(url: string, get?: typeof getForeign) {
  const options = { url, userAgent: "p2p-tui", limit: pLimit(1), ...(get && { get }) }
  return foreignStatus(options, { hash: HASH, limit: 7 }, undefined)
}

/** Answers so; `asked` gets what was asked for. */
const answering =
  (status: number, text: string, asked: unknown[] = []): typeof getForeign =>
  async ({ url, headers }) => {
    asked.push(url, headers)
    return { status, body: Buffer.from(text), retryAfterMs: undefined, location: undefined, remoteHost: undefined }
  }

describe("a tracker that a torrent file names", () => {
  it("is asked below its path, without a token", async () => {
    const asked: unknown[] = []
    const found = await ask("http://tracker.lab:5000/p2p/", answering(200, SUMS, asked))
    expect(found).toMatchObject({ total: 3, trackers: [{ url: "http://tracker.lab:5000/p2p/" }] })
    expect(asked).toEqual([`http://tracker.lab:5000/p2p/status?hash=${HASH}&limit=7`, { "user-agent": "p2p-tui" }])
  })

  it.each([
    [404, '{"error":{"code":"not_found","message":""}}', "status_unsupported"],
    [404, '{"error":{"code":"unknown_hash","message":""}}', "unknown_hash"],
    [503, "", "busy"],
    [401, "", "refused"],
    [200, "<html>", "bad_answer"],
  ])("that answers %i %s fails with a code", async (status, body, code) => {
    await expect(ask("http://tracker.lab:5000", answering(status, body))).rejects.toMatchObject({ code })
  })

  it("is not asked on this machine's loopback, where it could be any program", async () => {
    const asked: string[] = []
    const server = createServer(({ url = "" }) => void asked.push(url)).listen(0, "127.0.0.1")
    servers.push(server)
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    await expect(ask(`http://127.0.0.1:${port}`)).rejects.toMatchObject({ code: "forbidden_address" })
    expect(asked).toEqual([])
  })
})
