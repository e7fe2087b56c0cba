import { once } from "node:events"
import { mkdir, writeFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import { join } from "node:path"
import { expect, it, vi } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { freePort } from "../../core/testing/free-port.js"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { untilSo } from "../../core/testing/until-so.js"
import { Journal } from "../commands/journal.js"
import { loadConfig } from "../config/config.js"
import type { TrackerAddress } from "../config/tracker-address.js"
import { startTrackerIfNone } from "./embedded-tracker.js"
import { startClient } from "./start-client.js"
import { type After, TAKE_OVER_AFTER_MS, TrackerOwner } from "./tracker-owner.js"

// It reads package.json two folders above the compiled file.
vi.mock("../base/version.js", () => ({ versionText: () => "p2p-tui 0.0.0" }))

let folder: string

inTemporaryFolder((path) => {
  folder = path
})

async function start(name: string, trackerPort: number, clock?: FakeClock) {
  const path = join(folder, `${name}.json`)
  const self = { service: name, host: "127.0.0.1", port: 0 }
  await mkdir(join(folder, name))
  await writeFile(path, JSON.stringify({ self, tracker: { host: "http://127.0.0.1", port: trackerPort } }))
  const journal = new Journal()
  return {
    ...(await startClient(await loadConfig(path), "info", journal, clock && { after: afterOf(clock) })),
    journal,
  }
}

const afterOf =
  (clock: FakeClock): After =>
  (waitMs, act) =>
    clock.after(waitMs, act)

/** Settles with the first entry of this name. */
function entry(journal: Journal, name: string): Promise<void> {
  return new Promise((resolve) => {
    journal.subscribe((each) => {
      if (each.name === name) resolve()
    })
  })
}

it("a client that stays takes the place of the tracker that left with another client [P10]", async () => {
  const port = await freePort()
  const owner = await start("owner", port)
  const clock = new FakeClock()
  const other = await start("other", port, clock)
  await writeFile(join(folder, "other", "disc.iso"), "some bytes")
  expect(other.journal.entries().map(({ name }) => name)).not.toContain("tracker_started")
  expect(other.client.snapshot().tracker.kind).toBe("remote")
  await owner.close()
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
  // Whatever is announced next finds the tracker gone.
  await other.client.upload({ file: "disc.iso", torrent: "disc.json" })
  const started = entry(other.journal, "tracker_started")
  await untilSo(() => clock.timerCount > 0)
  clock.advance(TAKE_OVER_AFTER_MS)
  await started
  await untilSo(() => other.client.snapshot().tracker.kind === "own")
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
  await other.close()
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow()
})

it("a tracker that is restarted finds its port free: a client takes the place of one that stays away [P10]", async () => {
  const address: TrackerAddress = { protocol: "http", host: "127.0.0.1", port: await freePort(), path: "" }
  const clock = new FakeClock()
  const started = vi.fn()
  const onLooked = vi.fn()
  const ignored = { onPortTaken: () => {}, onProblem: () => {}, onLooked }
  const owner = new TrackerOwner([address], { ...ignored, onStarted: started }, afterOf(clock))
  owner.takeOver()
  owner.takeOver()
  await owner.looked()
  expect(owner.owns).toBe(false)
  const restarted = await startTrackerIfNone([address])
  expect(restarted).toBeDefined()
  clock.advance(TAKE_OVER_AFTER_MS)
  await owner.looked()
  expect(started).not.toHaveBeenCalled()
  expect(onLooked).toHaveBeenCalledOnce()
  await restarted?.close()
  owner.takeOver()
  clock.advance(TAKE_OVER_AFTER_MS)
  await owner.looked()
  expect(started).toHaveBeenCalledOnce()
  owner.takeOver()
  await owner.close()
  expect(clock.timerCount).toBe(0)
})

it("says once that another program has the port, however often it is looked at [W10]", async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  const onPortTaken = vi.fn()
  const listener = { onStarted: vi.fn(), onProblem: vi.fn(), onLooked: vi.fn(), onPortTaken }
  const after = afterOf(new FakeClock())
  const owner = new TrackerOwner([{ protocol: "http", host: "127.0.0.1", port, path: "" }], listener, after)
  await owner.start()
  await owner.start()
  await owner.close()
  server.close()
  expect(onPortTaken).toHaveBeenCalledOnce()
})
