import { afterEach, beforeEach, expect, it } from "vitest"
import { ClientRig, codeOf, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"
import { untilSo } from "../testing/until-so.js"

let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(async () => {
  disk.repair()
  await rig.close()
})

it("an upload while no tracker answers is shared under an id of its own, and registered later [U12]", async () => {
  const content = await rig.sample("a", "disc.iso", 2 * SAMPLE_PART_BYTES)
  const offline = await rig.open("a", { trackers: ["http://127.0.0.1:9"] })
  const { id, torrentPath } = await offline.upload({ file: "disc.iso", torrent: "disc.json" })
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  expect((await rig.event("not_registered_yet")).level).toBe("warn")
  await offline.close()
  await rig.open("a")
  const leecher = await rig.open("b")
  await (await leecher.download({ torrent: torrentPath, file: "copy.iso" })).done
  expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
})

it("an upload ends when its client is closed while it hashes [B16]", async () => {
  await rig.sample("a", "disc.iso", 2 * SAMPLE_PART_BYTES)
  const client = await rig.open("a")
  const release = disk.holdHashing()
  const uploaded = codeOf(client.upload({ file: "disc.iso", torrent: "disc.json" }))
  await rig.until(client, () => disk.hashedSlices > 0 || client.snapshot().jobs.length > 0)
  const closed = client.close()
  release()
  await closed
  expect(await uploaded).toBe("interrupted")
  expect(await rig.exists("a", "disc.json")).toBe(false)
})

it("an upload that is cancelled while it hashes ends, and leaves nothing [A11]", async () => {
  await rig.sample("a", "disc.iso", 2 * SAMPLE_PART_BYTES)
  const client = await rig.open("a")
  const release = disk.holdHashing()
  const uploading = client.upload({ file: "disc.iso", torrent: "disc.json" }).catch((error: unknown) => error)
  await rig.until(client, () => client.snapshot().jobs.length > 0)
  const [job] = client.snapshot().jobs
  client.cancel(job?.id ?? "")
  release()
  const message = "hashing of disc.iso was cancelled: it is not shared"
  expect(await uploading).toMatchObject({ name: "CommandError", code: "interrupted", message })
  expect(client.snapshot()).toMatchObject({ jobs: [], documents: [] })
  expect(await rig.exists("a", "disc.json")).toBe(false)
  expect(() => client.cancel(job?.id ?? "")).toThrow("no upload is hashed under the id hashing-1")
  expect((await client.upload({ file: "disc.iso", torrent: "disc.json" })).isNew).toBe(true)
})

it("an exported file that only this machine can use is reported [B16]", async () => {
  const { client } = await rig.seeder("a", 1)
  await client.export("disc.json", "disc.torrent")
  expect((await rig.event("local_announce_url")).message).toContain(rig.tracker.url)
})

it("a client that is closed waits for an upload that is being hashed, which ends as interrupted [B16]", async () => {
  await rig.sample("a", "disc.iso", 100_000)
  const client = await rig.open("a")
  const release = disk.holdHashing()
  const upload = codeOf(client.upload({ file: "disc.iso", torrent: "disc.json" }))
  await untilSo(() => disk.hashedSlices > 0)
  let isClosed = false
  const closed = client.close().finally(() => {
    isClosed = true
  })
  expect(await upload).toBe("interrupted")
  for (let turn = 0; turn < 1_000; turn++) await new Promise(setImmediate)
  expect(isClosed).toBe(false)
  release()
  await closed
  rig.forget(client)
})
