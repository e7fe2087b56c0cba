import { rm } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { ClientRig, codeOf } from "../testing/client-rig.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

const listeners = () => process.getActiveResourcesInfo().filter((resource) => resource === "TCPServerWrap").length

it("a client that can't be opened leaves no listener and no lock behind [B11]", async () => {
  const before = listeners()
  expect(await codeOf(rig.open("a", { trackers: ["nonsense"] }))).toBe("bad_tracker_url")
  expect(listeners()).toBe(before)
  // Its folder is free.
  const client = await rig.open("a")
  expect(listeners()).toBe(before + 1)
  await client.close()
  expect(listeners()).toBe(before)
})

it("a snapshot is another one once the tracker has answered, and once it is away [U5]", async () => {
  await rig.sample("a", "disc.iso", 1)
  const client = await rig.open("a")
  expect(client.snapshot().tracker.state).toBe("unasked")
  const answered = rig.until(client, () => client.snapshot().tracker.state === "answering")
  await client.upload({ file: "disc.iso", torrent: "disc.json" })
  await answered
  rig.tracker.failWith = 403
  const refused = rig.until(client, () => client.snapshot().tracker.state === "refusing")
  await rm(rig.path("a", "disc.json"))
  await codeOf(client.upload({ file: "disc.iso", torrent: "disc.json" }))
  await refused
})
