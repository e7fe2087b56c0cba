import { readFile, rm, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { TrackerAccess } from "../api/client-api.js"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { deferred } from "../testing/deferred.js"
import { untilSo } from "../testing/until-so.js"
import { parseTorrent } from "../torrent/parse-torrent.js"
import { serializeTorrent } from "../torrent/serialize-torrent.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})
afterEach(() => rig.close())

/** A client without trackers that starts one, which is that of the rig. `port`: of a peer that is listed. */
async function open(start = async (): Promise<TrackerAccess | undefined> => ({ url: rig.tracker.url }), port = 9) {
  const startTracker = vi.fn(start)
  const client = await rig.open("a", { trackers: [], startTracker, peers: [{ host: "127.0.0.1", port }] })
  return { client, startTracker }
}

/** Two files to be uploaded by "a". */
async function samples() {
  for (const file of ["one.iso", "two.iso"]) await rig.sample("a", file, SAMPLE_PART_BYTES)
}

const paths = () => rig.tracker.asked.map(({ path }) => path)

describe("a client without a tracker", () => {
  it("starts a tracker at its first upload and not before; the document is registered there, and its link names it [P12]", async () => {
    await samples()
    const { client, startTracker } = await open()
    expect(client.snapshot().tracker).toMatchObject({ state: "none", url: "" })
    expect(startTracker).not.toHaveBeenCalled()
    const { link, id } = await client.upload({ file: "one.iso" })
    expect(startTracker).toHaveBeenCalledExactlyOnceWith(undefined)
    expect(paths()).toContain("/hash")
    expect(link).toContain(`&tr=${encodeURIComponent(rig.tracker.url)}`)
    expect(client.link(id)).toBe(link)
    await rig.until(client, () => client.snapshot().tracker.state === "answering")
    expect(client.snapshot().tracker.url).toBe(rig.tracker.url)
  })

  it("starts one tracker for several uploads at once [P12]", async () => {
    await samples()
    const held = deferred()
    const { client, startTracker } = await open(async () => {
      await held.promise
      return { url: rig.tracker.url }
    })
    const uploads = [client.upload({ file: "one.iso" }), client.upload({ file: "two.iso" })]
    await untilSo(() => startTracker.mock.calls.length > 0)
    held.resolve()
    for (const { link } of await Promise.all(uploads)) expect(link).toContain("&tr=")
    await client.upload({ file: "one.iso", torrent: "again.json" })
    expect(startTracker).toHaveBeenCalledOnce()
  })

  it("starts no tracker for a refused upload, nor for a download [P12]", async () => {
    const { torrentPath, client: seeder } = await rig.seeder("seed", 1)
    const { client, startTracker } = await open(undefined, seeder.listening.port)
    await expect(client.upload({ file: "missing.iso" })).rejects.toMatchObject({ code: "no_such_file" })
    await (await client.download({ torrent: torrentPath, file: "copy.iso" })).done
    await client.close()
    const again = await open()
    await again.client.opened()
    expect([startTracker.mock.calls, again.startTracker.mock.calls]).toEqual([[], []])
  })

  it("announces its earlier documents to the tracker that it has started [P12]", async () => {
    await samples()
    const { torrentPath, client: seeder, id } = await rig.seeder("seed", 1)
    const { client } = await open(undefined, seeder.listening.port)
    await (await client.download({ torrent: torrentPath, file: "copy.iso" })).done
    expect(rig.tracker.portsOf(id)).not.toContain(client.listening.port)
    await client.upload({ file: "one.iso" })
    await untilSo(() => rig.tracker.portsOf(id).includes(client.listening.port))
  })

  it("shares an upload without a tracker where none can be started, and tries again at the next upload [P12]", async () => {
    await samples()
    let fails = true
    const { client, startTracker } = await open(async () => (fails ? undefined : { url: rig.tracker.url }))
    const first = await client.upload({ file: "one.iso" })
    expect(first.link).not.toContain("&tr=")
    expect(first.link).toContain(`x.pe=127.0.0.1:${client.listening.port}`)
    await expect(client.status(first.id)).rejects.toMatchObject({ code: "status_unsupported" })
    fails = false
    const second = await client.upload({ file: "two.iso" })
    expect(startTracker).toHaveBeenCalledTimes(2)
    expect(second.link).toContain("&tr=")
    expect(client.link(first.id)).toContain("&tr=")
    await untilSo(() => rig.tracker.portsOf(first.id).includes(client.listening.port))
    expect((await client.status(first.id)).total).toBe(1)
  })
})

describe("a client whose uploads have a tracker inside it", () => {
  async function uploaded() {
    await samples()
    const { client } = await open()
    const { id, torrentPath } = await client.upload({ file: "one.iso" })
    await client.close()
    return { id, torrentPath }
  }

  it("starts the tracker at its own start, at the port that links and torrent files name [P12]", async () => {
    const { id } = await uploaded()
    rig.tracker.forgetAll()
    const { client, startTracker } = await open()
    expect(startTracker).toHaveBeenCalledExactlyOnceWith(rig.tracker.port)
    await untilSo(() => rig.tracker.portsOf(id).includes(client.listening.port))
    expect(client.link(id)).toContain("&tr=")
  })

  it("starts no tracker when these uploads were removed [P12]", async () => {
    const { id } = await uploaded()
    const { client } = await open()
    await client.remove(id)
    await client.close()
    expect((await open()).startTracker).not.toHaveBeenCalled()
  })

  it("recognizes these uploads by their torrent files when its list was lost [P12]", async () => {
    const { torrentPath } = await uploaded()
    await rm(rig.path("a", ".p2p-tui"), { recursive: true })
    const torrent = { ...parseTorrent(await readFile(torrentPath)), trackers: [rig.tracker.url] }
    await writeFile(torrentPath, serializeTorrent(torrent))
    expect((await open()).startTracker).toHaveBeenCalledExactlyOnceWith(rig.tracker.port)
  })

  it("starts no tracker for a torrent file that names the tracker of another machine [P12]", async () => {
    const { torrentPath } = await uploaded()
    await rm(rig.path("a", ".p2p-tui"), { recursive: true })
    const torrent = { ...parseTorrent(await readFile(torrentPath)), trackers: ["http://203.0.113.7:7101"] }
    await writeFile(torrentPath, serializeTorrent(torrent))
    expect((await open()).startTracker).not.toHaveBeenCalled()
  })
})
