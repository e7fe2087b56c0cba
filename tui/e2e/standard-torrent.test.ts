import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { digestOf, Playground } from "./playground.js"

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

it("a standard .torrent is downloaded, seeded again after a restart, and refused when it is broken", async () => {
  await ground.tracker()
  const file = ground.path("sample.bin")
  await writeFile(file, randomBytes(5_000_000))
  const torrent = ground.path("sample.torrent.json")
  const metainfo = ground.path("sample.torrent")
  const seeder = ground.client(await ground.config("a"), "--plain")
  seeder.type(`upload ${file} ${torrent} --open`)
  await seeder.line(/^SUCCESSFUL UPLOAD$/)
  seeder.type(`export ${torrent} ${metainfo}`)
  await seeder.line(/^written to /)

  const configB = await ground.config("b")
  const first = ground.client(configB, "download", metainfo)
  await first.line(/^SUCCESSFUL DOWNLOAD$/)
  expect(await first.ended()).toBe(0)
  expect(await digestOf(ground.path("b", "sample.bin"))).toBe(await digestOf(file))

  seeder.kill("SIGTERM")
  await seeder.ended()
  ground.client(configB, "--plain")
  const second = ground.client(await ground.config("c"), "download", torrent, "copy")
  await second.line(/^SUCCESSFUL DOWNLOAD$/)
  expect(await digestOf(ground.path("c", "copy"))).toBe(await digestOf(file))

  await writeFile(metainfo, "d8:announce3:udpe")
  const refused = ground.client(await ground.config("d"), "download", metainfo)
  expect(await refused.ended()).toBe(3)
  expect(refused.errors).toMatch(/^ERROR bad_torrent .*info: it is missing/)
})
