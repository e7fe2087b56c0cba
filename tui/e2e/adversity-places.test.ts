import { spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { endInOrder } from "../testing/end-in-order.js"
import { digestOf, Playground } from "./playground.js"
import { clientCommand, trackerCommand } from "./program.js"
import { untilListed } from "./until-listed.js"

/** A user that no list of the system names, as in many containers (util-linux). */
const AS_OTHER_USER = ["setpriv", "--reuid", "54321", "--clear-groups", "--"]
const isRoot = process.getuid?.() === 0

/** Where a program runs, by what starts it there; containers differ in both names (util-linux, root). */
const RENAMED = ["unshare", "--uts", "sh", "-c", 'hostname elsewhere; exec "$@"', "sh"]
const OWN_PROCESSES = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
const PLACES = [
  ["under another host name", RENAMED],
  ["in a pid namespace of its own", OWN_PROCESSES],
  ["in both", [...RENAMED, ...OWN_PROCESSES]],
] as const
const canIsolate = spawnSync("unshare", ["--uts", "--pid", "--fork", "--mount-proc", "true"]).status === 0

let ground: Playground
beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(() => ground.close())

describe.skipIf(!canIsolate)(
  "a folder of a program that runs elsewhere on this machine (needs root and unshare)",
  () => {
    it.each(PLACES)("is a client's alone, and the next one's after kill -9: %s [P1]", async (_, place) => {
      const config = await ground.config("a")
      await writeFile(ground.path("sample"), randomBytes(100_000))
      const first = ground.run([
        ...place,
        ...clientCommand(config, "--seed", "upload", ground.path("sample"), "t.json"),
      ])
      await first.line(/^SUCCESSFUL UPLOAD$/)
      await untilListed(() => ground.client(config, "list"), /^sample: seeding/)
      expect(first.isRunning).toBe(true)
      await first.destroy()

      const second = ground.client(config, "--plain", "--seed")
      await second.line(/^listening on/)
      await untilListed(() => ground.run([...place, ...clientCommand(config, "list")]), /^sample: seeding/)
      const leecher = ground.client(await ground.config("b"), "download", ground.path("a", "t.json"), "copy")
      expect(await leecher.ended()).toBe(0)
      expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(ground.path("sample")))
      expect(await endInOrder(second)).toBe(0)
    })

    it.each(PLACES)(
      "keeps a tracker's documents after kill -9, wherever the next one runs: %s [P5]",
      async (_, place) => {
        const command = trackerCommand("127.0.0.1", String(ground.trackerPort))
        const first = ground.run([...place, ...command])
        await first.line(/listens on/)
        const hash = await ground.newDocument()
        await first.destroy()
        const second = await ground.tracker()
        const response = await fetch(`${ground.trackerUrl}/peers`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ hash, listening_host: "127.0.0.1", listening_port: 9 }),
        })
        expect(response.status).toBe(200)
        expect(await endInOrder(second)).toBe(0)
      },
    )
  },
)

describe.skipIf(!isRoot)("a home folder that is none (needs root)", () => {
  const unset = { XDG_DATA_HOME: undefined, XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined }
  const HOMES = [
    ["unset", undefined],
    ["empty", ""],
    ["not writable", "/proc"],
  ] as const

  it.each(HOMES)("refuses a tracker its default store with a sentence, and no other: HOME %s [P5]", async (_, HOME) => {
    const command = [...AS_OTHER_USER, ...trackerCommand("127.0.0.1", String(ground.trackerPort))]
    const refused = ground.run(command, { ...unset, HOME })
    expect([2, 75]).toContain(await refused.ended())
    expect(refused.errors).toMatch(/^p2p-tracker: .*(no home folder; set HOME|can't be)/)
    expect(refused.errors).not.toMatch(/\n {4}at /)
    const inMemory = ground.run([...command, "--store", "memory"], { ...unset, HOME })
    await inMemory.line(/listens on/)
    expect(await endInOrder(inMemory)).toBe(0)
  })

  it.each(HOMES)("stops no client but for a path that begins with ~: HOME %s [P5]", async (_, HOME) => {
    await ground.tracker()
    const config = await ground.config("a")
    await mkdir(ground.path("a"), { recursive: true })
    await writeFile(ground.path("a", "sample"), "sample")
    spawnSync("chown", ["-R", "54321", ground.root])
    const client = ground.run([...AS_OTHER_USER, ...clientCommand(config, "--plain", "--seed")], { ...unset, HOME })
    client.type("upload ~/sample t.json")
    client.type("upload sample t.json")
    await client.line(/^SUCCESSFUL UPLOAD$/)
    expect(client.errors).toMatch(/^ERROR (no_home|no_such_file) /)
    expect(await endInOrder(client)).toBe(6)
  })
})
