import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { freePort } from "../../core/testing/free-port.js"
import { untilSo } from "../../core/testing/until-so.js"

const hasNpx = spawnSync("npx", ["--version"]).status === 0

let folder: string
let port: number
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "p2p-npx-"))
  port = await freePort()
  await mkdir(join(folder, "node_modules/.bin"), { recursive: true })
  for (const program of ["p2p-tui", "p2p-tracker"]) {
    const compiled = fileURLToPath(new URL(`../../dist/bin/${program}.js`, import.meta.url))
    await symlink(compiled, join(folder, "node_modules/.bin", program))
  }
  await writeFile(join(folder, "package.json"), "{}")
  const tracker = { host: "http://127.0.0.1", port }
  const config = { self: { service: folder, host: "127.0.0.1", port: 0 }, tracker }
  await writeFile(join(folder, "config.json"), JSON.stringify(config))
})
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }))

/** As from a shell of its own: the tests run under npm, too. */
function npx(...args: string[]) {
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")))
  const child = spawn("npx", ["--offline", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, by which all of them can be ended.
    detached: true,
    env: { ...environment, npm_config_cache: join(folder, "cache"), npm_config_update_notifier: "false" },
  })
  const said = { text: "" }
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      said.text += chunk
    })
  return { child, said }
}

const isListening = () =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false))
    socket.on("connect", () => socket.destroy())
  })

describe.skipIf(!hasNpx)("a program that npx started", () => {
  it.each([
    [
      "p2p-tracker",
      () => ["p2p-tracker", "127.0.0.1", String(port), "--store", "memory"],
      /tracker listens/,
      /"stopped"/,
    ],
    ["p2p-tui", () => ["p2p-tui", "config.json", "--plain", "--seed", "--json"], /"event":"ready"/, /./],
  ])("%s ends in order when npx gets a signal, and releases its port [P3]", async (_program, args, ready, end) => {
    const { child, said } = npx(...args())
    try {
      await untilSo(() => ready.test(said.text))
      expect(await isListening()).toBe(true)
      // Its streams close when no process holds them.
      const closed = once(child, "close")
      child.kill("SIGTERM")
      await closed
      expect(await isListening()).toBe(false)
      expect(said.text).toMatch(end)
    } finally {
      endGroup(child.pid)
    }
  })
})

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // All have ended.
  }
}
