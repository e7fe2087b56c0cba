import { randomBytes } from "node:crypto"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ScriptedTracker } from "../testing/scripted-tracker.js"
import { until } from "../testing/until.js"
import { openClient } from "./open-client.js"

const PART_BYTES = 256 * 1024

let tracker: ScriptedTracker
let trackerUrl: string
let root: string
let clients: Client[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "p2p-tui-exchange-"))
  tracker = await ScriptedTracker.start()
  trackerUrl = tracker.url
  clients = []
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await tracker.close()
  await rm(root, { recursive: true })
})

it("a client that knows one peer of a swarm finds the others, though the tracker is away", async () => {
  const content = randomBytes(20 * PART_BYTES)
  await mkdir(join(root, "seeder"))
  await writeFile(join(root, "seeder", "disc.iso"), content)
  const seeder = await open("seeder")
  // Slow enough that nobody is done, and leaves as a seed among seeds, before all have met.
  seeder.setLimits({ upBytesPerSecond: PART_BYTES })
  const { torrentPath, id } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
  const others = [await open("b"), await open("c")]
  for (const client of others) await client.download({ torrent: torrentPath, file: "copy.iso" })
  await until(seeder, () => seeder.detail(id)?.peers.length === 2)

  tracker.forgetAll()
  tracker.register(id, seeder.listening.port)
  const late = await open("late")
  const handle = await late.download({ torrent: torrentPath, file: "copy.iso" })
  await until(late, () => late.detail(id)?.peers.some(({ source }) => source === "tracker") === true)
  await tracker.close()

  const everybody = [seeder, ...others].map(({ listening }) => `127.0.0.1:${listening.port}`).sort()
  await until(
    late,
    () =>
      String(
        late
          .detail(id)
          ?.peers.map(({ address }) => address)
          .sort(),
      ) === String(everybody),
  )
  seeder.setLimits({ upBytesPerSecond: null })
  await handle.done
  expect(Buffer.compare(await readFile(join(root, "late", "copy.iso")), content)).toBe(0)
})

it("a client that was in a swarm finds it again though the tracker is gone", async () => {
  const content = randomBytes(8 * PART_BYTES)
  await mkdir(join(root, "seeder"))
  await writeFile(join(root, "seeder", "disc.iso"), content)
  const seeder = await open("seeder")
  seeder.setLimits({ upBytesPerSecond: PART_BYTES })
  const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
  const first = await open("b")
  const begun = await first.download({ torrent: torrentPath, file: "copy.iso" })
  await until(first, () => (first.snapshot().documents[0]?.haveCount ?? 0) > 0)
  await first.close()
  await expect(begun.done).rejects.toMatchObject({ code: "interrupted" })
  await tracker.close()

  seeder.setLimits({ upBytesPerSecond: null })
  const second = await open("b")
  await (await second.download({ torrent: torrentPath, file: "copy.iso" })).done
  expect(Buffer.compare(await readFile(join(root, "b", "copy.iso")), content)).toBe(0)
})

async function open(name: string): Promise<Client> {
  const serviceFolder = join(root, name)
  await mkdir(serviceFolder, { recursive: true })
  const client = await openClient({ serviceFolder, listen: { host: "127.0.0.1", port: 0 }, trackers: [trackerUrl] })
  clients.push(client)
  return client
}
