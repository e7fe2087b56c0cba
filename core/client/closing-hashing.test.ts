import { copyFile, open } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"
import { untilSo } from "../testing/until-so.js"

/** Hashed in 8 slices, two at a time. */
const PARTS = 256

let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(async () => {
  disk.repair()
  await rig.close()
})

async function leaveUnfinished(name: string): Promise<void> {
  const file = await open(rig.path("b", `${name}.part`), "wx")
  await file.truncate(PARTS * SAMPLE_PART_BYTES)
  await file.close()
}

/** Closes the client while it hashes what `begin` has it begin. Resolves to the slices that were hashed. */
async function slicesUntilClosed(client: Client, begin: () => Promise<unknown>): Promise<number> {
  disk.repair()
  const release = disk.holdHashing()
  await begin()
  await untilSo(() => disk.hashedSlices > 0)
  const closed = client.close()
  release()
  await closed
  return disk.hashedSlices
}

/** Its own end is no failure of a document. */
const complaints = () =>
  rig.events.filter(({ level, message }) => level !== "debug" && /interrupted|is closing/.test(message))

describe("a client that is closed does not hash to its end first what was on disk", () => {
  it("of a torrent file that came into its folder", async () => {
    const { torrentPath, client: seeder } = await rig.seeder("a", PARTS)
    await seeder.close()
    const client = await rig.open("b", { watch: true })
    await leaveUnfinished("disc.iso")
    const slices = await slicesUntilClosed(client, () => copyFile(torrentPath, rig.path("b", "disc.json")))
    expect(slices).toBeLessThan(8)
    expect(complaints()).toEqual([])
  })

  it("of a link whose description has come", async () => {
    const { link } = await rig.seeder("a", PARTS)
    const client = await rig.open("b")
    await leaveUnfinished("copy.iso")
    const slices = await slicesUntilClosed(client, () => client.download({ torrent: link, file: "copy.iso" }))
    expect(slices).toBeLessThan(8)
    expect(complaints()).toEqual([])
  })
})
