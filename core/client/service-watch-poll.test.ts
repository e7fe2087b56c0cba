import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { ClientRig, sha1Hex } from "../testing/client-rig.js"
import { FakeClock } from "../testing/fake-clock.js"
import { untilSo } from "../testing/until-so.js"

// As on a network file system, or where a user's watches are used up.
vi.mock("node:fs", async (original) => ({
  ...(await original<typeof import("node:fs")>()),
  watch: () => {
    throw Object.assign(new Error("no watches left"), { code: "ENOSPC" })
  },
}))

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

it("a torrent file is found by a look now and then where no events come", async () => {
  const clock = new FakeClock()
  const watching = await rig.open("b", { watch: true }, { clock })
  await writeFile(rig.path("b", "file"), "x")
  const FileInfo = { Size: 1, PartSize: 1, Parts: [sha1Hex(Buffer.from("x"))], Hash: crypto.randomUUID(), Name: "file" }
  await writeFile(rig.path("b", "a.json"), JSON.stringify({ FileInfo }))
  clock.advance(29_000)
  expect(clock.timerCount).toBeGreaterThan(0)
  expect(watching.snapshot().documents).toEqual([])
  clock.advance(1_000)
  // The look takes a while of real time, and the next one of it comes a second later.
  await untilSo(() => {
    clock.advance(100)
    return watching.snapshot().documents.some(({ state }) => state === "seeding")
  })
})
