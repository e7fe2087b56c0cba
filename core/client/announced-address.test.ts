import { afterEach, beforeEach, expect, it } from "vitest"
import { ClientRig } from "../testing/client-rig.js"

let rig: ClientRig
beforeEach(async () => {
  rig = await ClientRig.create()
})
afterEach(() => rig.close())

it("a client announces the address at which others reach it, when that is not where it listens [P9]", async () => {
  await rig.sample("a", "disc.iso", 1_000)
  const client = await rig.open("a", { announce: { host: "203.0.113.5", port: 17_001 } })
  expect(client.listening.port).not.toBe(17_001)
  await client.upload({ file: "disc.iso", torrent: "disc.json" })
  expect(rig.tracker.asked[0]?.body).toMatchObject({ listening_host: "203.0.113.5", listening_port: 17_001 })
})

it("a client with an announced port alone keeps the address it listens on [P9]", async () => {
  await rig.sample("a", "disc.iso", 1_000)
  const client = await rig.open("a", { announce: { port: 17_001 } })
  await client.upload({ file: "disc.iso", torrent: "disc.json" })
  expect(rig.tracker.asked[0]?.body).toMatchObject({ listening_host: "127.0.0.1", listening_port: 17_001 })
})
