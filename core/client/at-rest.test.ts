import { randomBytes } from "node:crypto"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import type { Client } from "../api/client-api.js"
import { type Clock, systemClock } from "../base/clock.js"
import { ScriptedTracker } from "../testing/scripted-tracker.js"
import { openClient } from "./open-client.js"

let tracker: ScriptedTracker
let root: string
let clients: Client[]
/** A wait of up to so long is one of the beats of a client; those for trackers are longer. */
const LONGEST_BEAT_MS = 1_000
/** Beats that are waited for. */
const running = new Set<object>()

const clock: Clock = {
  ...systemClock,
  after(waitMs, act) {
    const beat = {}
    if (waitMs <= LONGEST_BEAT_MS) running.add(beat)
    const stop = systemClock.after(waitMs, () => {
      running.delete(beat)
      act()
    })
    return () => {
      running.delete(beat)
      stop()
    }
  },
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "p2p-tui-rest-"))
  tracker = await ScriptedTracker.start()
  clients = []
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await tracker.close()
  await rm(root, { recursive: true })
  running.clear()
})

async function open(name: string): Promise<Client> {
  const serviceFolder = join(root, name)
  await mkdir(serviceFolder, { recursive: true })
  const options = { serviceFolder, listen: { host: "127.0.0.1", port: 0 }, trackers: [tracker.url] }
  const client = await openClient(options, undefined, { clock })
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
