import { readFile, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, codeOf } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"
import { FakeClock } from "../testing/fake-clock.js"
import { untilSo } from "../testing/until-so.js"

let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(async () => {
  disk.repair()
  await rig.close()
})

it("an unfinished download is shown with its parts once the start's documents are opened [T1]", async () => {
  const { leecher, seeder } = await rig.halfDone(40)
  await seeder.close()
  await leecher.close()
  // Its clock stands still, for the wait ends after a second.
  const again = await rig.open("b", {}, { clock: new FakeClock() })
  await again.opened()
  const shown = again.snapshot().documents[0]
  expect(shown?.state).toBe("downloading")
  expect(shown?.haveCount).toBeGreaterThanOrEqual(2)
})

describe("more documents than are opened at a time", () => {
  /** As `DocumentShelf` opens them. */
  const AT_ONCE = 32
  const COUNT = 40

  beforeEach(async () => {
    const client = await rig.open("a")
    for (let index = 0; index < COUNT; index++) {
      await rig.sample("a", `f${index}`, 1_000)
      await client.upload({ file: `f${index}`, torrent: `f${index}.json`, open: true })
    }
    await client.close()
    disk.hashedSlices = 0
    // Without it every file is hashed at the next start.
    const list = rig.path("a", ".p2p-tui", "documents.json")
    await writeFile(list, (await readFile(list, "utf8")).replaceAll('"identity"', '"unknown"'))
  })

  it("count as opened when the last of them is [T1]", async () => {
    const release = disk.holdHashing()
    const again = await rig.open("a", {}, { clock: new FakeClock() })
    let isOpened = false
    const opened = again.opened().then(() => {
      isOpened = true
    })
    const leaving = new AbortController()
    const interrupted = codeOf(again.opened({ signal: leaving.signal }))
    leaving.abort()
    expect(await interrupted).toBe("interrupted")
    await untilSo(() => disk.hashedSlices === AT_ONCE)
    const releaseOthers = disk.holdHashing()
    release()
    await untilSo(() => disk.hashedSlices === COUNT && seedingIn(again) === AT_ONCE)
    expect(isOpened).toBe(false)
    releaseOthers()
    await opened
    expect(seedingIn(again)).toBe(COUNT)
  })

  it("are opened out of turn when one is downloaded, and report the parts found [T1]", async () => {
    const release = disk.holdHashing()
    const again = await rig.open("a", {}, { clock: new FakeClock() })
    await untilSo(() => disk.hashedSlices === AT_ONCE)
    const { id } = again.snapshot().documents.at(-1) ?? {}
    const downloading = again.download({ torrent: `f${COUNT - 1}.json`, file: `f${COUNT - 1}` })
    await untilSo(() => disk.hashedSlices === AT_ONCE + 1)
    release()
    expect(await downloading).toMatchObject({ id, found: { reusedParts: 1, partCount: 1 } })
  })
})

const seedingIn = (client: Client) => client.snapshot().documents.filter(({ state }) => state === "seeding").length
