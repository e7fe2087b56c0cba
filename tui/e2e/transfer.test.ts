import { randomBytes } from "node:crypto"
import { stat, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { recordedCount } from "../testing/recorded-parts.js"
import { digestOf, Playground } from "./playground.js"

const MIB = 1024 * 1024
const UPLOADED = /^SUCCESSFUL UPLOAD$/
const DOWNLOADED = /^SUCCESSFUL DOWNLOAD$/

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

/** Starts a client that has uploaded `file` and keeps serving it; resolves with the path of its torrent file. */
async function seed(file: string, extra: Readonly<Record<string, unknown>> = {}) {
  const config = await ground.config("a", extra)
  const torrent = ground.path("a", "sample.torrent.json")
  const seeder = ground.client(config, "--seed", "upload", file, torrent)
  await seeder.line(UPLOADED)
  return { seeder, torrent }
}

async function sample(name: string, sizeBytes: number): Promise<string> {
  const path = ground.path(name)
  await writeFile(path, randomBytes(sizeBytes))
  return path
}

describe("the real programs", () => {
  it("move the node binary, byte for byte", async () => {
    await ground.tracker()
    const { torrent } = await seed(process.execPath)
    const leecher = ground.client(await ground.config("b"), "download", torrent, "node")
    await leecher.line(DOWNLOADED)
    expect(await leecher.ended()).toBe(0)
    expect(await digestOf(ground.path("b", "node"))).toBe(await digestOf(process.execPath))
  })

  it("let three clients fetch from one and from each other", async () => {
    await ground.tracker()
    const file = await sample("sample", 24 * MIB)
    const { torrent } = await seed(file)
    const names = ["b", "c", "d"]
    const configs = await Promise.all(names.map((name) => ground.config(name)))
    const leechers = configs.map((config) => ground.client(config, "--json", "--seed", "download", torrent, "copy"))
    await Promise.all(leechers.map((leecher) => leecher.line(/"event":"download_completed"/)))
    for (const name of names) expect(await digestOf(ground.path(name, "copy"))).toBe(await digestOf(file))
  })

  it("continue after kill -9 of a downloader, and name the parts that are used again", async () => {
    await ground.tracker()
    const file = await sample("sample", 64 * MIB)
    const { torrent } = await seed(file, { limits: { upload: "8MiB/s" } })
    const config = await ground.config("b")
    const first = ground.client(config, "download", torrent, "copy")
    await untilSo(() => recordedCount(ground.path("b", "copy"), torrent) > 0)
    first.kill("SIGKILL")
    expect(await first.ended()).toBe("SIGKILL")
    await ground.command("a", "limit", "up", "none")
    const second = ground.client(config, "--json", "download", torrent, "copy")
    const { reused_parts: reused, parts, found } = await second.event("download_started")
    expect(reused).toBeGreaterThan(0)
    expect(found).toBe(`${reused} of ${parts} parts verified, fetching ${Number(parts) - Number(reused)}`)
    await second.event("download_completed")
    expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(file))
  })

  it("seed all they had after they were switched off and on", async () => {
    await ground.tracker()
    const file = await sample("sample", 3 * MIB)
    const { seeder, torrent } = await seed(file)
    seeder.kill("SIGTERM")
    expect(await seeder.ended()).toBe(0)
    ground.client(ground.path("a.json"), "--plain")
    const leecher = ground.client(await ground.config("b"), "download", torrent, "copy")
    await leecher.line(DOWNLOADED)
    expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(file))
  })

  it("finish a download that began with no peer there", async () => {
    await ground.tracker()
    const file = await sample("sample", 3 * MIB)
    const { seeder, torrent } = await seed(file)
    seeder.kill("SIGTERM")
    await seeder.ended()
    const leecher = ground.client(await ground.config("b"), "download", torrent, "copy")
    await leecher.line(/no peer is known yet|can't be reached/)
    ground.client(ground.path("a.json"), "--plain")
    await leecher.line(DOWNLOADED)
  })

  it("continue while the tracker is killed and started again", async () => {
    const tracker = await ground.tracker()
    const file = await sample("sample", 32 * MIB)
    const { torrent } = await seed(file, { limits: { upload: "8MiB/s" } })
    const leecher = ground.client(await ground.config("b"), "download", torrent, "copy")
    await leecher.line(/ [1-9]\d\.\d %/)
    tracker.kill("SIGKILL")
    await tracker.ended()
    await ground.trackerIfNone()
    await leecher.line(DOWNLOADED)
    expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(file))
  })

  it("need no tracker by hand: the first client starts one inside itself", async () => {
    const file = await sample("sample", MIB)
    const { torrent } = await seed(file)
    const leecher = ground.client(await ground.config("b"), "download", torrent, "copy")
    await leecher.line(DOWNLOADED)
    expect(await leecher.ended()).toBe(0)
  })
})

describe("a private document", () => {
  it("is what an upload makes; its torrent file is the user's alone, its peers are encrypted, and it is not exported", async () => {
    await ground.tracker()
    const { seeder, torrent } = await seed(await sample("sample", 48 * MIB), { limits: { upload: "4MiB/s" } })
    await seeder.line(/shared; give .*sample\.torrent\.json to those who may have it \(private, /)
    expect((await stat(torrent)).mode & 0o777).toBe(0o600)
    const leecher = ground.client(await ground.config("b"), "--plain")
    leecher.type(`download ${torrent} copy`)
    await leecher.line(/ [1-9]\d?\.\d %/)
    leecher.type("peers")
    await leecher.line(/127\.0\.0\.1:\d+ p2p-tui.*, outgoing, encrypted, /)
    leecher.type("list")
    await leecher.line(/^sample: downloading, private, /)
    await ground.command("a", "limit", "up", "none")
    await leecher.line(DOWNLOADED)
    expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(ground.path("sample")))
    const exporting = ground.client(await ground.config("c"), "export", torrent, "sample.torrent")
    expect(await exporting.ended()).toBe(6)
    expect(exporting.errors).toMatch(/^ERROR private_document a private document can't be exported/)
  })
})

describe("line mode", () => {
  it("takes one command a line, and leaves when its downloads are done", async () => {
    await ground.tracker()
    const { torrent } = await seed(await sample("sample", MIB))
    const leecher = ground.client(await ground.config("b"), "--plain")
    leecher.type(`download "${torrent}" "a copy.bin"`)
    leecher.endInput()
    await leecher.line(DOWNLOADED)
    expect(await leecher.ended()).toBe(0)
    expect((await stat(ground.path("b", "a copy.bin"))).size).toBe(MIB)
  })
})

describe("what can't be done", () => {
  it.each([
    ["a torrent file that is no JSON", ["download", "junk.json", "x"], 3, /^ERROR bad_torrent /],
    ["a missing file", ["upload", "none", "t.json"], 6, /^ERROR no_such_file /],
    ["an unknown command", ["uplaod", "a", "b"], 6, /^ERROR unknown_command .*upload/],
    ["a word too few", ["upload", "a"], 6, /^ERROR /],
  ])("%s: one line and its exit code", async (_, command, code, message) => {
    const config = await ground.config("b")
    await writeFile(ground.path("b", "junk.json"), "no JSON at all")
    const client = ground.client(config, ...command)
    expect(await client.ended()).toBe(code)
    expect(client.errors).toMatch(message)
    expect(client.errors.trim().split("\n")).toHaveLength(1)
  })

  it("a port in use is reported before anything starts", async () => {
    await ground.tracker()
    const self = { service: ".", host: "127.0.0.1", port: ground.trackerPort }
    const client = ground.client(await ground.config("b", { self }), "list")
    expect(await client.ended()).toBe(2)
    expect(client.errors).toMatch(new RegExp(`^ERROR port_in_use .*${ground.trackerPort}`))
  })

  it("a config with a wrong key names it and the nearest known one", async () => {
    const client = ground.client(await ground.config("b", { trakcer: {} }), "list")
    expect(await client.ended()).toBe(2)
    expect(client.errors).toMatch(/trakcer.*tracker/)
  })
})
