import { randomBytes } from "node:crypto"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { ScriptedTracker } from "../testing/scripted-tracker.js"
import type { Client } from "./client-api.js"
import { openClient } from "./open-client.js"

let tracker: ScriptedTracker
let root: string
let clients: Client[]
/** Timers that go on and on, until they are cleared. */
const running = new Set<unknown>()

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "p2p-tui-rest-"))
  tracker = await ScriptedTracker.start()
  clients = []
  const { setInterval, clearInterval } = globalThis
  vi.spyOn(globalThis, "setInterval").mockImplementation((...given) => {
    const timer = setInterval(...given)
    running.add(timer)
    return timer
  })
  vi.spyOn(globalThis, "clearInterval").mockImplementation((timer) => {
    running.delete(timer)
    clearInterval(timer)
  })
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await tracker.close()
  await rm(root, { recursive: true })
  vi.restoreAllMocks()
  running.clear()
})

async function open(name: string): Promise<Client> {
  const serviceFolder = join(root, name)
  await mkdir(serviceFolder, { recursive: true })
  const client = await openClient({ serviceFolder, listen: { host: "127.0.0.1", port: 0 }, trackers: [tracker.url] })
  clients.push(client)
  return client
}

it("clients that move nothing run no timer that beats, though they have moved something before", async () => {
  const seeder = await open("a")
  await writeFile(join(root, "a", "disc.iso"), randomBytes(1_000_000))
  const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
  await vi.waitFor(() => expect(running.size).toBe(0), { timeout: 20_000 })
  const leecher = await open("b")
  const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  expect(running.size).toBeGreaterThan(0)
  await done
  await vi.waitFor(() => expect(running.size).toBe(0), { timeout: 20_000 })
  expect(leecher.snapshot()).toMatchObject({ downBytesPerSecond: 0, documents: [{ state: "seeding" }] })
})
