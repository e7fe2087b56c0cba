import { afterEach, beforeEach, expect, it } from "vitest"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

it("a download that has ended has no rate, though what came a moment ago is smoothed over seconds [U13]", async () => {
  const { torrentPath } = await rig.seeder("a", 4)
  const leecher = await rig.open("b")
  const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await done
  expect(leecher.snapshot()).toMatchObject({
    downBytesPerSecond: 0,
    documents: [{ state: "seeding", downBytesPerSecond: 0, downloadedBytes: 4 * SAMPLE_PART_BYTES }],
  })
})
