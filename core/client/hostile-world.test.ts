import { readdirSync } from "node:fs"
import { appendFile, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { footprint, untilBackAt } from "../testing/footprint.js"
import type { ScriptedTracker } from "../testing/scripted-tracker.js"
import { untilSo } from "../testing/until-so.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

/** Writes the torrent file at `path` again with other fields. */
async function rewrite(path: string, fields: Record<string, unknown>): Promise<void> {
  const torrent = JSON.parse(await readFile(path, "utf8")) as { FileInfo: Record<string, unknown> }
  await writeFile(path, JSON.stringify({ FileInfo: { ...torrent.FileInfo, ...fields } }))
}

describe("a torrent file from another user", () => {
  it.each([
    ["../../escaped.iso", "escaped.iso"],
    ["/etc/cron.d/evil", "evil"],
    ["..\\..\\evil.exe", "evil.exe"],
    ["C:\\Windows\\CON", "_CON"],
    ["..", "unnamed"],
    ["", "unnamed"],
  ])("named %j is fetched to %s in the service folder [hostile 6]", async (name, expected) => {
    const { client: seeder, torrentPath } = await rig.seeder("a", 1)
    await seeder.close()
    await rewrite(torrentPath, { Name: name })
    const outside = readdirSync(rig.root).sort()
    const leecher = await rig.open("b")
    await leecher.download({ torrent: torrentPath })
    expect(leecher.snapshot().documents[0]?.filePath).toBe(rig.path("b", expected))
    expect(readdirSync(rig.path("b")).sort()).toContain(`${expected}.part`)
    expect(readdirSync(rig.root).sort()).toEqual([...outside, "b"].sort())
  })

  it("whose Hash is no uuid is refused before a tracker is asked about it [hostile 8]", async () => {
    const { client: seeder, torrentPath } = await rig.seeder("a", 1)
    await seeder.close()
    await rewrite(torrentPath, { Hash: "../hash?x=" })
    const leecher = await rig.open("b")
    const asked = rig.tracker.asked.length
    await expect(leecher.download({ torrent: torrentPath })).rejects.toMatchObject({
      code: "bad_torrent",
      field: "FileInfo.Hash",
    })
    expect(rig.tracker.asked).toHaveLength(asked)
    expect(leecher.snapshot().documents).toEqual([])
  })
})

it("names of files with control characters are reported without them [hostile 9]", async () => {
  const evil = "\u001b[2J\u009b2J\u202egpj.json"
  await rig.sample("a", "x", 1)
  await writeFile(rig.path("a", evil), '{"FileInfo":{"Size":-1}}')
  const client = await rig.open("a")
  await writeFile(rig.path("a", "disc\u001b]0;owned\u0007"), "content")
  await client.upload({ file: "disc\u001b]0;owned\u0007", torrent: `up${evil}`, open: true })
  await appendFile(rig.path("a", "disc\u001b]0;owned\u0007"), "changed")
  const id = client.snapshot().documents[0]?.id ?? ""
  await expect(client.recheck(id)).rejects.toMatchObject({ code: "file_replaced" })
  const reported = [
    ...rig.events.map(({ message }) => message),
    ...rig.events.map((event) => event.document?.name ?? ""),
  ]
  expect(reported.join("\n")).toMatch(/gpj\.json is skipped/)
  const shown = client
    .snapshot()
    .documents.flatMap(({ name, why }) => [
      name,
      why?.code === "failed" ? why.error.message : `no failure: ${why?.code}`,
    ])
  expect(shown).toEqual([expect.stringMatching(/owned/), expect.stringMatching(/owned.*: /)])
  for (const text of [...reported, ...shown]) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
})

it("a served file that is changed is removed from the tracker, and an event reports it [hostile 12]", async () => {
  const { client: seeder, torrentPath, id } = await rig.seeder("a", 3)
  await appendFile(rig.path("a", "disc.iso"), "tampered")
  const leecher = await rig.open("b")
  await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await rig.until(seeder, () => seeder.snapshot().documents[0]?.state === "failed")
  expect(await rig.event("file_changed")).toMatchObject({ level: "error", document: { id } })
  const { listening } = seeder
  const stopped = () =>
    rig.tracker.asked.filter(({ body }) => body["event"] === "stopped" && body["listening_port"] === listening.port)
  // The event may come before the tracker hears of it.
  await untilSo(() => stopped().length > 0)
  expect(stopped()).toHaveLength(1)
  expect(leecher.snapshot().documents[0]?.haveCount).toBe(0)
})

describe("where a client listens", () => {
  it("is announced with the actual port when port 0 was configured [hostile 34]", async () => {
    const { client } = await rig.seeder("a", 1)
    expect(client.listening.port).toBeGreaterThan(1_023)
    expect(rig.tracker.asked.map(({ body }) => body["listening_port"])).toContain(client.listening.port)
    expect(rig.tracker.asked.every(({ body }) => body["listening_port"] === client.listening.port)).toBe(true)
  })

  it("is refused to a second client, which says so and leaves nothing behind [hostile 34]", async () => {
    const first = await rig.open("a")
    const listen = { host: "127.0.0.1", port: first.listening.port }
    const base = footprint()
    await expect(rig.open("b", { listen })).rejects.toMatchObject({ name: "ConfigError", code: "port_in_use" })
    expect(readdirSync(join(rig.path("b"), ".p2p-tui"))).toEqual([])
    await untilBackAt(base)
    await first.close()
    expect((await rig.open("b", { listen })).listening.port).toBe(listen.port)
  })
})

describe("while the tracker fails", () => {
  it.each([
    ["answers 500", (tracker: ScriptedTracker) => tracker.failAll(500)],
    ["sends us elsewhere", (tracker: ScriptedTracker) => tracker.failAll(302)],
    ["has forgotten everybody", (tracker: ScriptedTracker) => tracker.forgetAll()],
    ["is gone", (tracker: ScriptedTracker) => tracker.close()],
  ])("a transfer continues over the open connections: it %s [hostile 37, 39]", async (_, fail) => {
    const { client: seeder, content, torrentPath } = await rig.seeder("a", 16)
    seeder.setLimits({ upBytesPerSecond: 4 * SAMPLE_PART_BYTES })
    const leecher = await rig.open("b")
    const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await rig.until(leecher, () => (leecher.snapshot().documents[0]?.haveCount ?? 0) > 0)
    await fail(rig.tracker)
    seeder.setLimits({ upBytesPerSecond: null })
    await handle.done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
    // The two ends of the only connection, when there was nothing more to say.
    const endings = rig.endings()
    for (const ending of endings) expect(ending).toMatch(/^(both_seeds|ended)$/)
    expect(endings.length).toBeLessThanOrEqual(2)
  })
})

it("a tracker that lost all peers lists both ends of a transfer again within one interval [hostile 39]", async () => {
  rig.tracker.intervalSeconds = 5
  const { client: seeder, torrentPath, id } = await rig.seeder("a", 8)
  seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES / 2 })
  const leecher = await rig.open("b")
  await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await rig.until(seeder, () => seeder.detail(id)?.peers.length === 1)
  rig.tracker.forgetAll()
  const before = rig.tracker.asked.length
  while (rig.tracker.portsOf(id).length < 2) await rig.tracker.nextRequest()
  expect(new Set(rig.tracker.portsOf(id))).toEqual(new Set([seeder.listening.port, leecher.listening.port]))
  // The first client registered the document under its own uuid; the other may have got "unknown" at the same moment.
  const asked = rig.tracker.asked.slice(before).map(({ path, body }) => ({ path, hash: body["hash"] }))
  const registrations = asked.filter(({ path }) => path === "/hash")
  expect(new Set(registrations.map(({ hash }) => hash))).toEqual(new Set([id]))
  expect(registrations.length).toBeLessThanOrEqual(2)
  // A registration costs two more requests, itself and the refused one. The rest is what an interval holds anyway: the seeder's
  // two rounds, which ask /alive and then /peers for wanted documents, and the leecher's one /peers.
  expect(asked.length - 2 * registrations.length).toBeLessThanOrEqual(5)
  expect(rig.endings()).toEqual([])
})

it("a client that leaves in mid-transfer, held back by a limit, leaves no handle, timer or thread behind [hostile 31]", async () => {
  const { client: seeder, torrentPath } = await rig.seeder("a", 8)
  const comeAndGo = async (name: string) => {
    const leecher = await rig.open(name, { limits: { downBytesPerSecond: 1_000 } })
    await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await rig.until(leecher, () => (leecher.snapshot().documents[0]?.downloadedBytes ?? 0) > 0)
    await leecher.close()
    await rig.until(seeder, () => seeder.snapshot().documents[0]?.connectedPeers === 0)
  }
  // The first one has the seeder open its file, which stays open for the next.
  await comeAndGo("b")
  const base = footprint()
  await comeAndGo("c")
  await untilBackAt(base)
})
