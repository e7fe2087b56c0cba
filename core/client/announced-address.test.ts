import { readFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { addressForOthers } from "../address/this-machine.js"
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

/** Of this machine; undefined where it has no network. */
const reached = addressForOthers("0.0.0.0")?.host

it.skipIf(reached === undefined)(
  "a client on every address tells the tracker of its machine the address that other machines use, and names the tracker by it",
  async () => {
    await rig.sample("a", "disc.iso", 1_000)
    const tracker = { url: rig.tracker.url, isHere: true }
    const client = await rig.open("a", { listen: { host: "0.0.0.0", port: 0 }, trackers: [tracker], lan: false })
    const { torrentPath } = await client.upload({ file: "disc.iso", torrent: "disc.json" })
    expect(rig.tracker.asked[0]?.body).toMatchObject({ listening_host: reached })
    const { Trackers } = JSON.parse(await readFile(torrentPath, "utf8"))
    expect(Trackers).toEqual([rig.tracker.url.replace("127.0.0.1", String(reached))])
  },
)
