import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { ClientRig } from "../testing/client-rig.js"

const system = vi.hoisted(() => ({ type: 0 }))
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  return { ...real, statfs: async (path: string) => ({ ...(await real.statfs(path)), type: system.type }) }
})

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

/** Two downloads by one client. */
async function download(): Promise<void> {
  const seeder = await rig.open("a")
  const leecher = await rig.open("b")
  for (const name of ["one", "two"]) {
    await rig.sample("a", name, 1_000)
    const { torrentPath } = await seeder.upload({ file: name, torrent: `${name}.json`, open: true })
    await (await leecher.download({ torrent: torrentPath })).durable
  }
}

const warnings = () => rig.events.filter(({ name }) => name === "weak_file_system")

it.each([
  ["FAT", 0x4d44, /one: FAT has no hard links, .*; edits within 2 s .* no file of 4 GiB or more is taken; see /],
  ["exFAT", 0x2011bab0, /one: exFAT has no hard links, [^;]*; see /],
])("a download to %s says once what can't be promised there [E16]", async (_, type, words) => {
  system.type = type
  await download()
  expect(warnings()).toMatchObject([{ level: "warn", message: expect.stringMatching(words) }])
})

it("a download to a file system that keeps all promises says nothing of it [E16]", async () => {
  system.type = 0xef53
  await download()
  expect(warnings()).toEqual([])
})
