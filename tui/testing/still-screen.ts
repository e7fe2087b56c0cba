/**
 * The screen with a fake client whose documents stand still, for tests in a pseudo-terminal: `node still-screen.js`. SIGUSR2 makes it
 * crash, SIGPIPE makes it write how many timers it made and has into the file that TIMERS_FILE names. A command that
 * sets limits makes the file that LIMITS_FILE names. BETA_NAME: what the second document is called.
 */
import { createHook } from "node:async_hooks"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { endingSignal } from "../base/ending-signal.js"
import { Journal } from "../commands/journal.js"
import { ownScreen } from "../control/screen-place.js"
import { runScreen } from "../screen/run-screen.js"
import { FakeClient, fakeDocument, fakeSnapshot } from "./fake-client.js"

const timers = new Set<number>()
let madeCount = 0
createHook({
  init: (id, type) => {
    if (type !== "Timeout" && type !== "Immediate") return
    madeCount++
    timers.add(id)
  },
  destroy: (id) => {
    timers.delete(id)
  },
}).enable()
// SIGPIPE means nothing to a program that only writes to its terminal.
process.on("SIGPIPE", () => {
  writeFileSync(process.env["TIMERS_FILE"] ?? "/dev/null", `${madeCount} made, ${timers.size} pending`)
})

const folder = mkdtempSync(join(tmpdir(), "p2p-tui-still-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const documents = [
  fakeDocument({ id: "1", name: "alpha.iso", uploadedBytes: 2048 }),
  fakeDocument({
    id: "2",
    name: process.env["BETA_NAME"] ?? "beta \u001b[31m.iso".replaceAll("\u001b", "\uFFFD"),
    state: "paused",
    haveCount: 40,
    haveBytes: 40_960,
  }),
]
const client = new FakeClient(fakeSnapshot({ documents }))
const setLimits = client.setLimits.bind(client)
client.setLimits = (limits, id) => {
  setLimits(limits, id)
  writeFileSync(process.env["LIMITS_FILE"] ?? "/dev/null", "")
}
let restore = (): void => {}

process.on("uncaughtException", (error) => {
  restore()
  process.stderr.write(`crashed: ${error.message}\n`)
  process.exit(1)
})
// Stands for a bug anywhere: SIGUSR2 lets the test choose the moment.
process.on("SIGUSR2", () => {
  throw new Error("a bug")
})

process.exitCode = await runScreen(ownScreen(client, new Journal(), folder), {
  ascii: undefined,
  serviceFolder: folder,
  stateFolder: folder,
  signal: endingSignal(true),
  onTaken: (how) => {
    restore = how
  },
})
process.stdin.unref()
