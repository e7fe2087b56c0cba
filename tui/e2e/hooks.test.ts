import { randomBytes } from "node:crypto"
import { chmod, readFile, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { Playground } from "./playground.js"

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

/** A torrent file of a document that a client serves, and a program "tell" that appends the facts of its event to a file. */
async function stage(): Promise<string> {
  await ground.tracker()
  const config = await ground.config("a")
  await writeFile(ground.path("a", "sample"), randomBytes(1024 * 1024))
  const torrent = ground.path("a", "sample.torrent.json")
  const seeder = ground.client(config, "--seed", "upload", ground.path("a", "sample"), torrent)
  await seeder.line(/^SUCCESSFUL UPLOAD$/)
  await script("tell", 'echo "$P2P_TUI_EVENT $P2P_TUI_NAME $P2P_TUI_SIZE $P2P_TUI_ERROR" >> "$1"')
  return torrent
}

async function script(name: string, text: string): Promise<string> {
  await writeFile(ground.path(name), `#!/bin/sh\n${text}\n`)
  await chmod(ground.path(name), 0o755)
  return ground.path(name)
}

const textOf = (file: string) => untilSo(() => readFile(file, "utf8").catch(() => ""))

it("a single download runs the hook of the config, by a path relative to it, before it leaves", async () => {
  const torrent = await stage()
  const config = await ground.config("b", { hooks: { done: ["./tell", ground.path("told")] } })
  expect(await ground.client(config, "download", torrent).ended()).toBe(0)
  expect(await textOf(ground.path("told"))).toBe("done sample 1048576 \n")
})

it("--on-done runs a program also where another process is the client", async () => {
  const torrent = await stage()
  const config = await ground.config("b")
  const program = await script("script", `exec ${ground.path("tell")} ${ground.path("told")}`)
  const client = ground.client(config, "--plain", "--seed")
  await client.line(/listening/)
  expect(await ground.client(config, "--on-done", program, "download", torrent).ended()).toBe(0)
  expect(await textOf(ground.path("told"))).toBe("done sample 1048576 \n")
})

it("a document that fails runs the other hook", async () => {
  const torrent = await stage()
  const config = await ground.config("b", { hooks: { failed: ["./tell", ground.path("told")] } })
  const download = ground.client(config, "download", torrent, ground.path("b", "sample"))
  expect(await download.ended()).toBe(0)
  await writeFile(ground.path("b", "sample"), "other bytes")
  const failed = ground.client(config, "--plain", "--seed")
  expect(await textOf(ground.path("told"))).toMatch(/^failed sample 1048576 file_\w+\n$/)
  // A client that leaves waits a second at most for the end of a hook.
  const log = ground.path("b", ".p2p-tui", "log", "p2p-tui.log")
  await untilSo(async () => (await readFile(log, "utf8")).includes('"hook_ended"'))
  failed.kill("SIGTERM")
  await failed.ended()
})
