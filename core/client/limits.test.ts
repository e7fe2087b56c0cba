import { afterEach, beforeEach, expect, it } from "vitest"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { until } from "../testing/until.js"

let rig: ClientRig
beforeEach(async () => {
  rig = await ClientRig.create()
})
afterEach(() => rig.close())

const limited = (down: number | undefined, up: number | undefined) => ({
  downBytesPerSecond: down,
  upBytesPerSecond: up,
})

it("limits that a command has set are kept, until the config says something else [U10]", async () => {
  const first = await rig.open("a", { limits: { upBytesPerSecond: 500 } })
  first.setLimits({ downBytesPerSecond: 1_000, upBytesPerSecond: null })
  await first.close()
  const second = await rig.open("a", { limits: { upBytesPerSecond: 500 } })
  expect(second.snapshot().limits).toEqual(limited(1_000, undefined))
  await second.close()
  const third = await rig.open("a", { limits: { upBytesPerSecond: 600 } })
  expect(third.snapshot().limits).toEqual(limited(1_000, 600))
})

it("a document has limits of its own, kept, and a reason that names them [U10]", async () => {
  const { client: seeder, torrentPath, id } = await rig.seeder("a", 40)
  seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES }, id)
  expect(seeder.snapshot()).toMatchObject({
    limits: limited(undefined, undefined),
    documents: [{ limits: limited(undefined, SAMPLE_PART_BYTES) }],
  })
  const leecher = await rig.open("b")
  await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await until(seeder, () => seeder.snapshot().documents[0]?.why?.code === "held_by_limit")
  expect(seeder.snapshot().documents[0]?.why).toMatchObject({ limitBytesPerSecond: SAMPLE_PART_BYTES })
  await seeder.close()
  const again = await rig.open("a")
  expect(again.snapshot().documents[0]?.limits).toEqual(limited(undefined, SAMPLE_PART_BYTES))
  again.setLimits({ upBytesPerSecond: null }, id)
  expect(again.snapshot().documents[0]?.limits).toEqual(limited(undefined, undefined))
})

it("refuses a limit that is none, and an unknown document [U10]", async () => {
  const client = await rig.open("a")
  expect(() => client.setLimits({ downBytesPerSecond: 0 })).toThrow("more than 0")
  expect(() => client.setLimits({ downBytesPerSecond: 5 }, "nowhere")).toThrow("no document")
})
