import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { digestOf, Playground } from "./playground.js"

const MIB = 1024 * 1024
/** A client waits 10 s before it takes the place of a tracker, which may only be restarting. */
const TIMEOUT_MS = 120_000
const DOWNLOADED = /^SUCCESSFUL DOWNLOAD$/

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

const answers = async () => (await fetch(`${ground.trackerUrl}/health`)).status === 200

it.each([
  ["is killed", "SIGKILL"],
  ["leaves", "SIGTERM"],
] as const)(
  "when the client with the tracker %s, the swarm goes on, another client has the tracker, and it knows the seeds",
  async (_, signal) => {
    const apart = { lan: false }
    const owner = ground.client(await ground.config("owner", apart), "--plain")
    await owner.line(/\(started inside this client\)$/)
    const [file, torrent] = [ground.path("owner", "sample.bin"), ground.path("sample.torrent.json")]
    await writeFile(file, randomBytes(24 * MIB))
    const digest = await digestOf(file)
    owner.type(`upload ${file} ${torrent}`)
    await owner.line(/^SUCCESSFUL UPLOAD$/)
    const seeder = ground.client(await ground.config("seeder", apart), "--plain")
    seeder.type(`download ${torrent} copy.bin`)
    await seeder.line(DOWNLOADED)

    const limits = { download: "4MiB/s" }
    const config = await ground.config("leecher", { ...apart, limits })
    const leecher = ground.client(config, "--seed", "download", torrent, "copy.bin")
    await leecher.line(/ [1-9]\d\.\d %/)
    owner.kill(signal)
    await owner.ended()
    await leecher.line(DOWNLOADED)
    expect(await digestOf(ground.path("leecher", "copy.bin"))).toBe(digest)

    await untilSo(answers)
    const late = ground.client(await ground.config("late", apart), "download", torrent, "copy.bin")
    await late.line(DOWNLOADED)
    expect(await digestOf(ground.path("late", "copy.bin"))).toBe(digest)
  },
  TIMEOUT_MS,
)
