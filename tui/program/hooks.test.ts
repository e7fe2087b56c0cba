import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { ClientEvent } from "../../core/index.js"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { untilSo } from "../../core/testing/until-so.js"
import { fakeDocument } from "../testing/fake-client.js"
import { type HookCommands, type HookFacts, Hooks } from "./hooks.js"

let folder: string
let told: ClientEvent[]
inTemporaryFolder((path) => {
  folder = path
})
beforeEach(() => {
  told = []
})
afterEach(() => vi.unstubAllEnvs())

/** A program in the folder. */
async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
  return path
}

const hooks = (commands: HookCommands, more: { readonly maxRunMs?: number } = {}) =>
  new Hooks({ commands, folder, tell: (event) => told.push(event), ...more })

const DONE: HookFacts = { event: "done", document: "d1", name: "a b.iso", path: "/files/a b.iso", sizeBytes: 7 }
const ended = () => told.filter(({ name }) => name === "hook_ended").map(({ message, level }) => `${level} ${message}`)

describe("a hook", () => {
  it("gets its arguments as they are, the facts in its environment, and no secret of this project", async () => {
    vi.stubEnv("P2P_TRACKER_TOKEN", "secret")
    vi.stubEnv("P2P_TUI_ERROR", "stale")
    const path = await program("tell", 'env | grep -a ^P2P_ | sort > out; printf "%s\\n" "$@" >> out; pwd >> out')
    const run = hooks({ done: [path, "$HOME; *", "--now"] })
    run.run(DONE)
    await untilSo(() => ended().length === 1)
    expect((await readFile(join(folder, "out"), "utf8")).split("\n")).toEqual([
      ...["P2P_TUI_DOCUMENT=d1", "P2P_TUI_EVENT=done", "P2P_TUI_NAME=a b.iso", "P2P_TUI_PATH=/files/a b.iso"],
      ...["P2P_TUI_SIZE=7", "$HOME; *", "--now", folder, ""],
    ])
    expect(ended()).toEqual([`info hook done: ${path} ended with status 0`])
    expect(told[0]).toMatchObject({ document: { id: "d1" }, facts: { hook: "done", status: 0 } })
  })

  it("is logged with its status, and when it can't be started", async () => {
    const path = await program("fail", "exit 3")
    const run = hooks({ done: [path], failed: ["./nowhere"] })
    run.run(DONE)
    run.run({ ...DONE, event: "failed", error: "disk_full" })
    await untilSo(() => ended().length === 2)
    expect(ended().sort()).toEqual([
      `warn hook done: ${path} ended with status 3`,
      expect.stringMatching(/^warn hook failed: \.\/nowhere could not be started: /),
    ])
    await run.close()
  })

  it("that hangs does not keep the client: it runs on", async () => {
    const path = await program("hang", "echo $$ > pid; exec sleep 60")
    const run = hooks({ done: [path] })
    run.run(DONE)
    const pid = Number(await untilSo(async () => (await readFile(join(folder, "pid"), "utf8").catch(() => "")).trim()))
    await run.close()
    expect(ended()).toEqual([])
    process.kill(pid, "SIGKILL")
    await untilSo(() => ended().length === 1)
    expect(ended()).toEqual([`warn hook done: ${path} was ended by SIGKILL`])
    run.run(DONE)
    expect(told.at(-1)).toMatchObject({ name: "hook_dropped", message: "hook done: it is not run: this client leaves" })
  })

  it("that takes too long is ended", async () => {
    const run = hooks({ done: ["sleep", "60"] }, { maxRunMs: 50 })
    run.run(DONE)
    await untilSo(() => ended().length === 1)
    expect(ended()).toEqual(["warn hook done: sleep was ended by SIGKILL"])
  })

  it("waits for its turn behind four others, and of more than 1,000 that wait the rest is dropped", async () => {
    await mkdir(join(folder, "begun"))
    const path = await program("wait", 'touch "begun/$P2P_TUI_NAME"; while [ ! -e go ]; do sleep 0.1; done')
    const run = hooks({ done: [path] })
    for (let number = 0; number < 1_010; number++) run.run({ ...DONE, name: String(number) })
    const begun = async () => (await readdir(join(folder, "begun"))).length
    await untilSo(async () => (await begun()) === 4)
    expect(told.map(({ name }) => name)).toEqual(Array(6).fill("hook_dropped"))
    // As the client leaves, more of them are begun.
    const closing = run.close()
    await untilSo(async () => (await begun()) === 32)
    await closing
    expect(told.filter(({ name }) => name === "hook_dropped")).toHaveLength(6 + 1_000 - 28)
    await writeFile(join(folder, "go"), "")
    await untilSo(() => ended().length === 32)
  })
})

describe("the events that run hooks", () => {
  const document = { id: "d1", name: "a.iso" }
  const event = (name: string, level: ClientEvent["level"]): ClientEvent => ({ level, name, message: "", document })

  it("are a download that is safe, and each new failure of a document", () => {
    const run = hooks({ done: ["true"], failed: ["true"] })
    const seen: string[] = []
    run.run = ({ event: which, error = "-", path, sizeBytes }) =>
      void seen.push([which, error, path, sizeBytes].join(" "))
    const find = () => fakeDocument({ filePath: "/files/a.iso", sizeBytes: 9 })
    for (const [name, level] of [
      ["download_completed", "info"],
      ["download_synced", "info"],
      ["part_failed", "warn"],
      ["disk_full", "error"],
      ["disk_full", "error"],
      ["file_gone", "error"],
      ["download_synced", "info"],
      ["file_gone", "error"],
    ] as const)
      run.onEvent(event(name, level), find)
    run.onEvent({ level: "error", name: "lock_lost", message: "" }, find)
    expect(seen).toEqual([
      "done - /files/a.iso 9",
      "failed disk_full /files/a.iso 9",
      "failed file_gone /files/a.iso 9",
      "done - /files/a.iso 9",
      "failed file_gone /files/a.iso 9",
    ])
  })

  it("without a hook look for no document", () => {
    const find = vi.fn(() => fakeDocument())
    const run = hooks({ done: ["true"] })
    run.onEvent(event("disk_full", "error"), find)
    expect(find).not.toHaveBeenCalled()
    hooks({ failed: ["true"] }).onEvent(event("download_synced", "info"), find)
    expect(find).not.toHaveBeenCalled()
  })
})
