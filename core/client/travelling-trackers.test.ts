import { readFile, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { ScriptedTracker } from "../testing/scripted-tracker.js"
import { infoDigest, infoHash } from "../torrent/info-hash.js"
import { parseTorrent } from "../torrent/parse-torrent.js"
import { serializeTorrent } from "../torrent/serialize-torrent.js"

let rig: ClientRig
let otherTracker: ScriptedTracker

beforeEach(async () => {
  rig = await ClientRig.create()
  otherTracker = await ScriptedTracker.start()
})

afterEach(async () => {
  await rig.close()
  await otherTracker.close()
})

/** A torrent file that names the tracker of its swarm, and a client whose config names another one. */
async function fromAnotherTeam(trackers: readonly string[]) {
  const content = await rig.sample("a", "disc.iso", 2 * SAMPLE_PART_BYTES)
  const seeder = await rig.open("a")
  const { torrentPath, id } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
  const torrent = { ...parseTorrent(await readFile(torrentPath)), trackers }
  await writeFile(rig.path("team.json"), serializeTorrent(torrent))
  const leecher = await rig.open("b", { trackers: [otherTracker.url] })
  return { seeder, content, id, torrent, leecher, torrentPath: rig.path("team.json") }
}

describe("the trackers of a torrent file", () => {
  it("lead to its swarm without a change of the config", async () => {
    const { leecher, torrentPath, content } = await fromAnotherTeam([rig.tracker.url])
    await (await leecher.download({ torrent: torrentPath, file: "copy.iso" })).done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
    expect(rig.tracker.asked.some(({ path }) => path === "/announce")).toBe(true)
    expect(leecher.snapshot().tracker.state).toBe("unasked")
  })

  it("hear neither the info hash nor the info digest of a private document", async () => {
    const { leecher, torrentPath, id, torrent } = await fromAnotherTeam([rig.tracker.url])
    await (await leecher.download({ torrent: torrentPath, file: "copy.iso" })).done
    const search = String(rig.tracker.asked.find(({ path }) => path === "/announce")?.body["search"])
    expect(search).toContain(`hash=${id}`)
    for (const untold of [infoHash(torrent), infoDigest(torrent)]) {
      const percentEncoded = Buffer.from(untold).toString("hex").toUpperCase().replace(/../g, "%$&")
      expect(search).not.toContain(percentEncoded)
    }
  })

  it("give way to those of the config while none of them answers", async () => {
    const { leecher, torrentPath, content, id, seeder } = await fromAnotherTeam([`http://127.0.0.1:9`])
    otherTracker.register(id, seeder.listening.port)
    await (await leecher.download({ torrent: torrentPath, file: "copy.iso" })).done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("that the config names as well are asked as the config says", async () => {
    const { leecher, torrentPath } = await fromAnotherTeam([otherTracker.url.replace("127.0.0.1", "localhost")])
    await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    if (!otherTracker.asked.some(({ path }) => path === "/peers")) await otherTracker.nextRequest("/peers")
    expect(otherTracker.asked.some(({ path }) => path === "/announce")).toBe(false)
  })
})

describe("upload", () => {
  it("writes the trackers that other machines can reach", async () => {
    await rig.sample("a", "disc.iso", 1)
    const trackers = [rig.tracker.url, "http://tracker.invalid:5000"]
    const seeder = await rig.open("a", { trackers })
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    expect(parseTorrent(await readFile(torrentPath)).trackers).toEqual(["http://tracker.invalid:5000"])
  })
})
