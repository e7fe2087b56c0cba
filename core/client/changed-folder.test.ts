import { randomBytes } from "node:crypto"
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"

let rig: ClientRig
beforeEach(async () => {
  rig = await ClientRig.create()
  await mkdir(rig.path("a", "tree"), { recursive: true })
  for (const name of ["one", "two", "three"])
    await writeFile(rig.path("a", "tree", name), randomBytes(SAMPLE_PART_BYTES))
})
afterEach(() => rig.close())

/** A folder of three parts, one for each file, uploaded by "a", which is closed again. */
async function uploaded(): Promise<string> {
  const seeder = await rig.open("a")
  const { torrentPath } = await seeder.upload({ file: "tree", torrent: "tree.json" })
  await seeder.close()
  return torrentPath
}

describe("a folder of which files changed while the client was away", () => {
  it("is served but for these files, and the reason names one", async () => {
    await uploaded()
    await appendFile(rig.path("a", "tree", "two"), "more")
    const events: string[] = []
    const seeder = await rig.open("a", { onEvent: ({ name, message }) => void events.push(`${name}: ${message}`) })
    await rig.until(seeder, () => seeder.snapshot().documents[0]?.state === "seeding")
    expect(seeder.snapshot().documents[0]).toMatchObject({ haveCount: 2, partCount: 3 })
    expect(events).toContainEqual(expect.stringMatching(/^folder_differs: 1 of 3 parts are not served.*tree\/two/))
  })

  it("is mended by recheck where it was downloaded", async () => {
    const torrentPath = await uploaded()
    await rig.open("a")
    const leecher = await rig.open("b")
    const { durable } = await leecher.download({ torrent: torrentPath, file: "copy" })
    await durable
    await leecher.close()
    await rm(rig.path("b", "copy", "three"))
    const again = await rig.open("b")
    await rig.until(again, () => again.snapshot().documents[0]?.state === "seeding")
    const [document] = again.snapshot().documents
    expect(document).toMatchObject({ haveCount: 2 })
    await again.recheck(document?.id ?? "")
    await expect.poll(() => again.snapshot().documents[0]).toMatchObject({ state: "seeding", haveCount: 3 })
    expect(await rig.digest("b/copy/three")).toBe(await rig.digest("a/tree/three"))
  })
})
