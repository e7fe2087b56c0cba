import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { networkInterfaces } from "node:os"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { digestOf, Playground } from "./playground.js"
import { trackerCommand } from "./program.js"

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"))

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

/** A client that listens on `host` and meets its tracker at ::1. */
function config(name: string, host: string): Promise<string> {
  return ground.config(name, {
    self: { service: name, host, port: 0 },
    tracker: { host: "http://[::1]", port: ground.trackerPort },
  })
}

describe.skipIf(!hasIPv6)("over IPv6 [hostile 35]", () => {
  it.each([
    ["an address", "::1"],
    ["every address, IPv4 too", "::"],
  ])("the real programs move a file, listening on %s", async (_, host) => {
    const tracker = ground.run(trackerCommand("::1", String(ground.trackerPort)))
    await tracker.line(/listens on/)
    const file = ground.path("sample")
    await writeFile(file, randomBytes(3_000_000))
    const torrent = ground.path("sample.torrent.json")
    const seeder = ground.client(await config("a", host), "--seed", "upload", file, torrent)
    await seeder.line(/^SUCCESSFUL UPLOAD$/)
    const leecher = ground.client(await config("b", host), "--plain")
    leecher.type(`download ${torrent} copy`)
    await leecher.line(/^SUCCESSFUL DOWNLOAD$/)
    expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(file))
  })
})
