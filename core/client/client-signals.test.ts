import { rename, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig, codeOf, SAMPLE_PART_BYTES, sha1 } from "../testing/client-rig.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

describe("a command whose signal is aborted", () => {
  it("ends at once, and an interrupted download stays in the list and goes on", async () => {
    const content = await rig.sample("a", "disc.iso", 40 * SAMPLE_PART_BYTES)
    const seeder = await rig.open("a")
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    await writeFile(rig.path("half"), content.subarray(0, 20 * SAMPLE_PART_BYTES))
    const leecher = await rig.open("b")
    await rename(rig.path("half"), rig.path("b", "copy.iso.part"))
    const leaving = new AbortController()
    const checking = rig.until(leecher, () => leecher.snapshot().documents[0]?.state === "checking")
    const begun = leecher.download({ torrent: torrentPath, file: "copy.iso" }, { signal: leaving.signal })
    await checking
    leaving.abort(new Error("SIGTERM"))
    await expect(begun).rejects.toMatchObject({ code: "interrupted", cause: new Error("SIGTERM") })
    await rig.until(leecher, () => leecher.snapshot().documents[0]?.state === "seeding")
    expect(await rig.digest("b", "copy.iso")).toBe(sha1(content))
  })

  it("is not begun when it was aborted before", async () => {
    await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
    const client = await rig.open("a")
    const { id, torrentPath } = await client.upload({ file: "disc.iso", torrent: "disc.json" })
    const signal = AbortSignal.abort()
    const commands = [
      client.upload({ file: "disc.iso", torrent: "other.json" }, { signal }),
      client.download({ torrent: torrentPath }, { signal }),
      client.pause(id, { signal }),
      client.resume(id, { signal }),
      client.recheck(id, { signal }),
      client.remove(id, { signal }),
    ]
    const codes = await Promise.all(commands.map(codeOf))
    expect(codes).toEqual(commands.map(() => "interrupted"))
    expect(client.snapshot().documents).toMatchObject([{ id, state: "seeding" }])
  })
})
