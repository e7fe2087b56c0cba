import { randomBytes } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { until } from "../testing/until.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

it("a client that knows one peer of a swarm finds the others, though the tracker is away", async () => {
  const content = randomBytes(20 * SAMPLE_PART_BYTES)
  await mkdir(rig.path("seeder"))
  await writeFile(rig.path("seeder", "disc.iso"), content)
  const seeder = await rig.open("seeder")
  // Slow enough that no client finishes and leaves as a seed among seeds before all have met.
  seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES / 8 })
  const { torrentPath, id } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
  const others = [await rig.open("b"), await rig.open("c")]
  for (const client of others) await client.download({ torrent: torrentPath, file: "copy.iso" })
  await until(seeder, () => seeder.detail(id)?.peers.length === 2)

  rig.tracker.forgetAll()
  rig.tracker.register(id, seeder.listening.port)
  const late = await rig.open("late")
  const handle = await late.download({ torrent: torrentPath, file: "copy.iso" })
  await until(late, () => late.detail(id)?.peers.some(({ source }) => source === "tracker") === true)
  await rig.tracker.close()

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
  expect(Buffer.compare(await readFile(rig.path("late", "copy.iso")), content)).toBe(0)
})

it("a client that was in a swarm finds it again though the tracker is gone", async () => {
  const content = randomBytes(8 * SAMPLE_PART_BYTES)
  await mkdir(rig.path("seeder"))
  await writeFile(rig.path("seeder", "disc.iso"), content)
  const seeder = await rig.open("seeder")
  seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES })
  const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
  const first = await rig.open("b")
  const begun = await first.download({ torrent: torrentPath, file: "copy.iso" })
  await until(first, () => (first.snapshot().documents[0]?.haveCount ?? 0) > 0)
  await first.close()
  await expect(begun.done).rejects.toMatchObject({ code: "interrupted" })
  await rig.tracker.close()

  seeder.setLimits({ upBytesPerSecond: null })
  const second = await rig.open("b")
  await (await second.download({ torrent: torrentPath, file: "copy.iso" })).done
  expect(Buffer.compare(await readFile(rig.path("b", "copy.iso")), content)).toBe(0)
})
