import { randomBytes } from "node:crypto"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { endInOrder } from "../testing/end-in-order.js"
import { canMountDisk, SmallDisk } from "../testing/small-disk.js"
import { Playground } from "./playground.js"
import { clientCommand, trackerCommand } from "./program.js"
import { untilListed } from "./until-listed.js"

const MIB = 1024 * 1024

let ground: Playground
let disk: SmallDisk | undefined
beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(async () => {
  await ground.endPrograms()
  await disk?.close()
  disk = undefined
  await ground.close()
})

/** A seeder of a private document on a sound disk; the torrent file is at `a/t.json`. */
async function seed(sizeBytes: number): Promise<void> {
  await writeFile(ground.path("sample"), randomBytes(sizeBytes))
  const config = await ground.config("a")
  await ground.client(config, "--seed", "upload", ground.path("sample"), "t.json").line(/^SUCCESSFUL UPLOAD$/)
}

async function register(): Promise<number> {
  const { status } = await fetch(`${ground.trackerUrl}/hash`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ listening_host: "127.0.0.1", listening_port: 9 }),
  })
  return status
}

describe.skipIf(!canMountDisk)("a full disk (root and unshare)", () => {
  it("under a tracker's store and log makes registrations fail with 503, and it ends in order [S3, S5]", async () => {
    disk = await SmallDisk.mount(ground.path("tracker"), 4 * MIB)
    const command = trackerCommand("127.0.0.1", String(ground.trackerPort), "--data", ground.path("tracker", "store"))
    const logged = ["sh", "-c", 'exec "$@" >> "$0"', ground.path("tracker", "log"), ...command]
    const tracker = ground.run(disk.wrap(logged))
    await expect.poll(() => register().catch(() => 0)).toBe(200)
    disk.fill()
    await expect.poll(register).toBe(503)
    disk.free()
    await expect.poll(register).toBe(200)
    disk.fill()
    expect(await endInOrder(tracker)).toBe(0)
  })

  it("under a download stops it with a reason; it resumes when there is room [S5]", async () => {
    await ground.tracker()
    await seed(6 * MIB)
    disk = await SmallDisk.mount(ground.path("b"), 16 * MIB)
    disk.fill(7 * MIB)
    const config = await ground.config("b", { state: ground.path("b-state"), limits: { download: "1MiB/s" } })
    const client = ground.run(disk.wrap(clientCommand(config, "--plain", "--seed")))
    await client.line(/listening on/)
    client.type(`download ${ground.path("a", "t.json")} copy`)
    const seen = disk
    await expect.poll(() => existsSync(seen.path("copy.part"))).toBe(true)
    disk.fill()
    await client.line(/the disk is full/)
    disk.free()
    await client.line(/^SUCCESSFUL DOWNLOAD$/)
    expect(readFileSync(disk.path("copy")).equals(readFileSync(ground.path("sample")))).toBe(true)
    disk.fill()
    expect([0, 143]).toContain(await endInOrder(client))
  })

  it("under the service folder of a client costs an upload its torrent file, and no other document anything [S5, A12]", async () => {
    await ground.tracker()
    disk = await SmallDisk.mount(ground.path("b"), 8 * MIB)
    await writeFile(ground.path("sample"), randomBytes(MIB))
    const config = await ground.config("b")
    const client = ground.run(disk.wrap(clientCommand(config, "--plain", "--seed", "--log-level", "debug")))
    await client.line(/listening on/)
    disk.fill()
    client.type(`upload ${ground.path("sample")} t.json`)
    await expect.poll(() => client.errors).toMatch(/ENOSPC|full/)
    expect(readdirSync(disk.path()).filter((name) => name !== "filler" && !name.startsWith("."))).toEqual([])
    disk.free()
    client.type(`upload ${ground.path("sample")} t.json`)
    await client.line(/^SUCCESSFUL UPLOAD$/)
    disk.fill()
    // Of the upload that failed.
    expect(await endInOrder(client)).toBe(6)
    disk.free()
    const seen = disk
    await untilListed(() => ground.run(seen.wrap(clientCommand(config, "list"))), /^sample: seeding/)
  })
})
