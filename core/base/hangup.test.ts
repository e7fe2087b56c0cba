import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { spawn as spawnOnTerminal } from "@lydell/node-pty"
import { afterEach, expect, it } from "vitest"
import { freePort } from "../testing/free-port.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { untilSo } from "../testing/until-so.js"

const compiled = (path: string) => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url))

let folder: string
const running: ChildProcess[] = []
inTemporaryFolder((path) => {
  folder = path
})

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill("SIGKILL")
    await once(child, "close")
  }
})

const WAITS = `import { ignoreHangup } from ${JSON.stringify(compiled("core/base/hangup.js"))}
ignoreHangup()
setInterval(() => {}, 1_000)
console.log("ready")`

async function waitingProgram(): Promise<string> {
  const file = join(folder, "waits.mjs")
  await writeFile(file, WAITS)
  return file
}

function launch(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] })
  running.push(child)
  return child
}

/** proc(5): a process that has a handler for signal 1 has the lowest bit of SigCgt. */
const catchesHangup = (pid: number | undefined) =>
  /^SigCgt:.*[13579bdf]$/m.test(readFileSync(`/proc/${pid}/status`, "latin1"))

it("without a terminal SIGHUP ends nothing [P3]", async () => {
  const child = launch(await waitingProgram())
  await once(child.stdout ?? child, "data")
  child.kill("SIGHUP")
  child.kill("SIGTERM")
  expect(await once(child, "close")).toEqual([null, "SIGTERM"])
})

it("on a terminal it ends the program as ever [P3]", async () => {
  const terminal = spawnOnTerminal(process.execPath, [await waitingProgram()], {})
  const ended = new Promise((resolve) => terminal.onExit(({ signal }) => resolve(signal)))
  await new Promise((resolve) => terminal.onData(resolve))
  terminal.kill("SIGHUP")
  expect(await ended).toBe(1)
})

it.skipIf(process.platform !== "linux").each([
  ["p2p-tracker", () => ["127.0.0.1", "0", "--store", "memory"], /tracker listens/],
  ["p2p-tui", (config: string) => [config, "--plain", "--seed", "--json"], /"event":"ready"/],
])("%s outlives it while it loads [P3]", async (program, args, ready) => {
  const config = join(folder, "config.json")
  const tracker = { host: "http://127.0.0.1", port: await freePort() }
  await writeFile(config, JSON.stringify({ self: { service: folder, host: "127.0.0.1", port: 0 }, tracker }))
  const child = launch(compiled(`bin/${program}.js`), ...args(config))
  let said = ""
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      said += chunk
    })
  await untilSo(() => catchesHangup(child.pid), 1)
  child.kill("SIGHUP")
  await untilSo(() => ready.test(said))
  const closed = once(child, "close")
  child.kill("SIGTERM")
  const [, signal] = await closed
  expect(signal).not.toBe("SIGHUP")
})
