import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"

let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(() => rig.close())

/** What the client that listens on `port` has told the tracker: bytes left and event, or "alive". */
function toldBy(port: number): readonly string[] {
  return rig.tracker.asked
    .filter(({ body }) => body["listening_port"] === port)
    .map(({ path, body }) => (path === "/alive" ? "alive" : `${body["left"]} ${body["event"] ?? "-"}`))
}

describe("a download that is announced as complete", () => {
  it("is safe on disk: until then it lacks something, however often the tracker is asked", async () => {
    rig.tracker.intervalSeconds = 0.05
    const { torrentPath } = await rig.seeder("a", 4)
    const leecher = await rig.open("b")
    const release = disk.holdSyncs()
    const { done, durable } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await done
    await rig.tracker.nextRequest("/peers")
    const { port } = leecher.listening
    const before = toldBy(port)
    expect(before[0]).toBe(`${4 * SAMPLE_PART_BYTES} started`)
    expect(before.filter((told) => /^0 |completed|alive/.test(told))).toEqual([])
    release()
    await durable
    while (!toldBy(port).includes("0 completed")) await rig.tracker.nextRequest()
  })

  it("is announced with the goodbye, when it leaves while the tracker is away", async () => {
    const { torrentPath } = await rig.seeder("a", 4)
    const leecher = await rig.open("b")
    const { port } = leecher.listening
    const release = disk.holdSyncs()
    const { done, durable } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await done
    rig.tracker.failAll(503)
    release()
    await durable
    while (!toldBy(port).includes("0 completed")) await rig.tracker.nextRequest("/peers")
    rig.tracker.failWith = undefined
    rig.forget(leecher)
    await leecher.close()
    expect(toldBy(port).at(-1)).toBe("0 stopped")
  })
})
