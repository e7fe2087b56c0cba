import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { createServer, type Server } from "node:net"
import { afterEach, describe, expect, it, vi } from "vitest"
import { freePort } from "../../core/testing/free-port.js"
import type { TrackerAddress } from "../config/tracker-address.js"
import { type EmbeddedTracker, startTrackerIfNone } from "./embedded-tracker.js"

const servers: Server[] = []
const started: EmbeddedTracker[] = []

afterEach(async () => {
  for (const tracker of started.splice(0)) await tracker.close()
  for (const server of servers.splice(0)) server.close()
})

/** A port that something listens on, on loopback. */
async function listen(): Promise<number> {
  const server = createServer((socket) => socket.destroy())
  servers.push(server)
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return (server.address() as AddressInfo).port
}

async function start(...list: Partial<TrackerAddress>[]): Promise<EmbeddedTracker | undefined> {
  const addresses = list.map(
    (address) => ({ protocol: "http", host: "127.0.0.1", port: 1, path: "", ...address }) as const,
  )
  const tracker = await startTrackerIfNone(addresses)
  if (tracker !== undefined) started.push(tracker)
  return tracker
}

describe("startTrackerIfNone", () => {
  it("starts one where nothing listens, and that answers", async () => {
    const port = await freePort()
    expect(await start({ port })).toBeDefined()
    const response = await fetch(`http://127.0.0.1:${port}/health`)
    expect(response.status).toBe(200)
  })

  it("leaves a running one alone, and says nothing", async () => {
    const port = await freePort()
    await start({ port })
    const report = vi.fn()
    const address = { protocol: "http", host: "127.0.0.1", port, path: "" } as const
    expect(await startTrackerIfNone([address], report)).toBeUndefined()
    expect(report).not.toHaveBeenCalled()
  })

  it("names the address where another program listens [P6]", async () => {
    const port = await listen()
    const report = vi.fn()
    const address = { protocol: "http", host: "127.0.0.1", port, path: "" } as const
    expect(await startTrackerIfNone([address], report)).toBeUndefined()
    expect(report).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(`127.0.0.1:${port} is no p2p-tracker`))
  })

  it("does not wait for the end of an answer that has none [W10]", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {}).write("HTTP/1.1 200 OK\r\n\r\n")
      const dribble = setInterval(() => socket.write(" "), 100)
      socket.once("close", () => clearInterval(dribble))
    })
    servers.push(server)
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    expect(await start({ port })).toBeUndefined()
  })

  it("starts none for another machine, nor for https", async () => {
    expect(await start({ host: "203.0.113.7", port: 5000 })).toBeUndefined()
    expect(await start({ protocol: "https", port: await freePort() })).toBeUndefined()
  })

  it("starts none below a path: a reverse proxy stands there [P9]", async () => {
    expect(await start({ path: "/p2p", port: await freePort() })).toBeUndefined()
  })

  it("starts the first of a list on this machine when none of them runs", async () => {
    const [port, other] = [await freePort(), await freePort()]
    expect((await start({ port }, { port: other }))?.address.port).toBe(port)
  })

  it("leaves a client to the others of its list: one that runs here, or may run elsewhere", async () => {
    const port = await freePort()
    expect(await start({ port }, { port: await listen() })).toBeUndefined()
    expect(await start({ port }, { host: "203.0.113.7", port: 5000 })).toBeUndefined()
  })

  it("takes the other's when two start at once", async () => {
    const port = await freePort()
    const both = await Promise.all([start({ port }), start({ port })])
    expect(both.filter((tracker) => tracker !== undefined)).toHaveLength(1)
  })
})
