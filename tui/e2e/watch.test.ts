import { randomBytes } from "node:crypto"
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { digestOf, Playground } from "./playground.js"

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

it("a torrent file that is moved into the folder of a client that runs is fetched, and leaves the list with it", async () => {
  await ground.tracker()
  const seeder = ground.client(await ground.config("a"), "--json")
  await writeFile(ground.path("a", "sample"), randomBytes(1024 * 1024))
  seeder.type("upload sample sample.torrent.json")
  await seeder.event("upload_completed")
  const config = await ground.config("b")
  const client = ground.client(config, "--plain", "--seed")
  await client.line(/listening/)
  await mkdir(ground.path("b", "new"))
  await copyFile(ground.path("a", "sample.torrent.json"), ground.path("b", ".coming"))
  await rename(ground.path("b", ".coming"), ground.path("b", "new", "sample.torrent.json"))
  const listed = async () => {
    const list = ground.client(config, "--json", "list")
    await list.ended()
    return list.lines.join()
  }
  await untilSo(async () => (await listed()).includes('"state":"seeding"'))
  expect(await digestOf(ground.path("b", "sample"))).toBe(await digestOf(ground.path("a", "sample")))
  await rm(ground.path("b", "new", "sample.torrent.json"))
  await untilSo(async () => (await listed()).includes('"documents":[]'))
  expect(await digestOf(ground.path("b", "sample"))).toBe(await digestOf(ground.path("a", "sample")))
})
