import { randomBytes } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { digestOf, Playground } from "./playground.js"
import { clientCommand } from "./program.js"

let ground: Playground
/** Process ids of clients in the background. */
const daemons: number[] = []

beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(async () => {
  for (const pid of daemons.splice(0)) if (isRunning(pid)) process.kill(pid, "SIGKILL")
  await ground.close()
})

/** A zombie, whose new parent does not wait for it, has ended. */
function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"))
}

async function start(name: string, ...options: readonly string[]) {
  const config = existsSync(ground.path(`${name}.json`)) ? ground.path(`${name}.json`) : await ground.config(name)
  const program = ground.client(config, "--daemon", ...options)
  const code = await program.ended()
  const pid = Number(
    /process (\d+), log|"pid":(\d+)/
      .exec(program.lines.at(-1) ?? "")
      ?.slice(1)
      .find(Boolean),
  )
  if (code === 0) daemons.push(pid)
  return { code, pid, lines: program.lines, errors: program.errors }
}

describe("a client in the background", () => {
  it("is started, used and ended by a script without a terminal", async () => {
    await ground.tracker()
    await writeFile(ground.path("sample"), randomBytes(3_000_000))
    for (const name of ["a", "b"]) await ground.config(name)
    const script = `set -e
      cd ${ground.root}
      "$@" a.json --daemon
      "$@" b.json --daemon
      "$@" a.json upload sample sample.json
      "$@" b.json download sample.json copy
      "$@" a.json quit
      "$@" b.json quit
      cmp sample copy`
    const run = ground.run(["sh", "-c", script, "sh", ...clientCommand()])
    expect(await run.ended()).toBe(0)
    expect(run.errors).toBe("")
    expect(run.lines.filter((line) => line.startsWith("SUCCESSFUL"))).toEqual([
      "SUCCESSFUL UPLOAD",
      "SUCCESSFUL DOWNLOAD",
    ])
    expect(await digestOf(ground.path("copy"))).toBe(await digestOf(ground.path("sample")))
    // Nothing is left: the folder may be taken at once.
    expect(await ground.client(ground.path("a.json"), "quit").ended()).toBe(0)
  })

  it("names its process and its log, holds no folder, and outlives the one that started it", async () => {
    await ground.tracker()
    const { code, pid, lines } = await start("a")
    expect(code).toBe(0)
    expect(lines.at(-1)).toBe(
      `serving in the background: process ${pid}, log ${ground.path("a", ".p2p-tui", "log", "p2p-tui.log")}`,
    )
    expect(isRunning(pid)).toBe(true)
    expect(readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ")[3]).toBe(String(pid))
    expect((await ground.run(["readlink", `/proc/${pid}/cwd`]).line(/./)).trim()).toBe("/")
    const again = await start("a")
    expect(again.code).toBe(6)
    expect(again.errors).toBe(
      `ERROR in_use a client runs on the service folder already (process ${pid}); commands reach it\n`,
    )
    const quit = ground.client(ground.path("a.json"), "--json", "quit")
    expect(await quit.event("client_ended")).toEqual({ event: "client_ended", pid })
    await untilSo(() => !isRunning(pid))
  })

  it("says what is wrong on the terminal, with the exit code of that", async () => {
    await ground.tracker()
    const taken = { self: { service: "a", host: "127.0.0.1", port: ground.trackerPort } }
    await ground.config("a", taken)
    expect(await start("a")).toMatchObject({ code: 2, errors: expect.stringMatching(/^ERROR port_in_use .*\n$/) })
    await writeFile(ground.path("a.json"), '{"self":{"service":"a","hots":1},"trakcer":{}}')
    const faults = await start("a")
    expect(faults.code).toBe(2)
    expect(faults.errors.trim().split("\n").length).toBeGreaterThan(1)
    const withCommand = ground.client(ground.path("a.json"), "--daemon", "list")
    expect(await withCommand.ended()).toBe(2)
    expect(withCommand.errors).toMatch(/^ERROR bad_usage --daemon takes no command/)
  })
})
