import { afterEach, beforeEach, expect, it } from "vitest"
import { ClientRig } from "../testing/client-rig.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

it("the detail of a document names the peers that have parts of a range, and the link of an open document", async () => {
  const { client: seeder, torrentPath, id } = await rig.seeder("a", 4)
  const leecher = await rig.open("b")
  const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await done
  const holders = () => seeder.detail(id, { start: 1, end: 3 })?.holders
  await rig.until(seeder, () => holders()?.peers[0]?.haveCount === 2)
  expect(holders()?.range).toEqual({ start: 1, end: 3 })
  expect(seeder.detail(id, { start: 3, end: 900 })?.holders?.peers).toMatchObject([{ haveCount: 1 }])
  expect(seeder.detail(id, { start: 9, end: 12 })?.holders?.peers).toEqual([])
  expect(seeder.detail(id)?.holders).toBeUndefined()
  expect(seeder.detail(id)?.link).toBe(seeder.link(id))
})

it("the detail of a private document has no link, which holds its key", async () => {
  await rig.sample("a", "disc.iso", 1_000)
  const client = await rig.open("a")
  const { id } = await client.upload({ file: "disc.iso", torrent: "disc.json" })
  expect(client.detail(id)).toMatchObject({ id, link: undefined })
})
