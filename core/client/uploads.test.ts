import { cp, readFile, rm } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client, CommandOptions } from "../api/client-api.js"
import { ClientRig, codeOf, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"

let rig: ClientRig
let release: () => void = () => undefined

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(async () => {
  release()
  disk.repair()
  await rig.close()
})

interface Listed {
  readonly uploads?: readonly { readonly torrent: string; readonly paused: boolean }[]
}

/** What the list of client "a" says of uploads, on disk. */
async function remembered(folder = "a"): Promise<Listed["uploads"]> {
  const listed = JSON.parse(await readFile(rig.path(folder, ".p2p-tui", "documents.json"), "utf8")) as Listed
  return listed.uploads
}

/** Client "a" hashes "disc.iso" for an upload, and gets no further. */
async function hashing(options: CommandOptions = {}) {
  const content = await rig.sample("a", "disc.iso", 2 * SAMPLE_PART_BYTES)
  const client = await rig.open("a")
  release = disk.holdHashing()
  const outcome = codeOf(client.upload({ file: "disc.iso", torrent: "own/name.json", open: true }, options))
  await rig.until(client, () => client.snapshot().jobs.length > 0)
  await expect.poll(() => remembered().catch(() => undefined)).toHaveLength(1)
  return { client, outcome, content }
}

const stop = async (client: Client) => {
  const closed = client.close()
  release()
  await closed
}

const shared = (client: Client) => client.snapshot().documents[0]?.state === "seeding"

describe("an upload that is being hashed", () => {
  beforeEach(async () => {
    await rig.sample("a/own", "other", 1)
  })

  it("goes on at the next start, with what its command said [U14]", async () => {
    const { client, outcome, content } = await hashing()
    await stop(client)
    expect(await outcome).toBe("interrupted")
    expect(await remembered()).toMatchObject([{ torrent: "own/name.json", paused: false }])
    const again = await rig.open("a")
    await rig.until(again, () => shared(again))
    const [document] = again.snapshot().documents
    expect(document).toMatchObject({ open: true, torrentPath: rig.path("a", "own", "name.json") })
    await expect.poll(() => remembered()).toBeUndefined()
    const leecher = await rig.open("b")
    await (await leecher.download({ torrent: document?.torrentPath ?? "", file: "copy.iso" })).done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("goes on when its caller does not wait any more [U14]", async () => {
    const leaving = new AbortController()
    const { client, outcome } = await hashing({ signal: leaving.signal })
    leaving.abort(new Error("SIGTERM"))
    expect(await outcome).toBe("interrupted")
    release()
    await rig.until(client, () => shared(client))
  })

  it("is not begun when the client is closed before [U14]", async () => {
    await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
    const client = await rig.open("a")
    const outcome = codeOf(client.upload({ file: "disc.iso", torrent: "own/name.json", open: true }))
    await client.close()
    expect(await outcome).toBe("interrupted")
    expect(await rig.exists("a", "own", "name.json")).toBe(false)
    expect(await remembered().catch(() => undefined)).toBeUndefined()
  })

  it("goes on after a killed client [U14]", async () => {
    const { client } = await hashing()
    // What a killed client leaves.
    await cp(rig.path("a"), rig.path("k"), { recursive: true, filter: (path) => !/\/(lock|control)$/.test(path) })
    await stop(client)
    const again = await rig.open("k")
    await rig.until(again, () => shared(again))
    expect(again.snapshot().documents[0]?.filePath).toBe(rig.path("k", "disc.iso"))
  })

  it("stays paused over a restart, until it is resumed [U14]", async () => {
    const { client } = await hashing()
    const [job] = client.snapshot().jobs
    await client.pause(job?.id ?? "")
    expect(client.snapshot().jobs).toMatchObject([{ isPaused: true }])
    await stop(client)
    const again = await rig.open("a")
    await rig.until(again, () => again.snapshot().jobs.length > 0)
    const [held] = again.snapshot().jobs
    expect(held).toMatchObject({ name: "disc.iso", isPaused: true, doneBytes: 0 })
    await again.resume(held?.id ?? "")
    await rig.until(again, () => shared(again))
    expect(again.snapshot().jobs).toEqual([])
  })

  it("is forgotten when it is cancelled, also while it is paused [U14]", async () => {
    const { client, outcome } = await hashing()
    const [job] = client.snapshot().jobs
    await client.pause(job?.id ?? "")
    client.cancel(job?.id ?? "")
    release()
    expect(await outcome).toBe("interrupted")
    await client.close()
    expect(await remembered()).toBeUndefined()
  })

  it("is forgotten, and reported, when it can't go on [U14]", async () => {
    const { client } = await hashing()
    await stop(client)
    await rm(rig.path("a", "disc.iso"))
    const again = await rig.open("a")
    const event = await rig.event("upload_failed")
    expect(event).toMatchObject({ level: "warn", message: expect.stringContaining("disc.iso: no such file") })
    await expect.poll(() => remembered()).toBeUndefined()
    expect(again.snapshot()).toMatchObject({ jobs: [], documents: [] })
  })

  it("is waited for by the same command, given again [U14]", async () => {
    const { client } = await hashing()
    await stop(client)
    release = disk.holdHashing()
    const again = await rig.open("a")
    await rig.until(again, () => again.snapshot().jobs.length > 0)
    const uploaded = again.upload({ file: "disc.iso", torrent: "own/name.json", open: true })
    release()
    expect(await uploaded).toMatchObject({ isNew: true, open: true })
    expect(again.snapshot().documents).toHaveLength(1)
  })
})
