/** The screen with a fake client whose documents stand still: `node still-screen.js [crash]`. For tests in a pseudo-terminal. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { endingSignal } from "../base/ending-signal.js"
import { Journal } from "../commands/journal.js"
import { runScreen } from "../screen/run-screen.js"
import { FakeClient, fakeDocument, fakeSnapshot } from "./fake-client.js"

const folder = mkdtempSync(join(tmpdir(), "p2p-tui-still-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const documents = [
  fakeDocument({ id: "1", name: "alpha.iso", uploadedBytes: 2048 }),
  fakeDocument({
    id: "2",
    name: "beta \u001b[31m.iso".replaceAll("\u001b", "\uFFFD"),
    state: "paused",
    haveCount: 40,
    haveBytes: 40_960,
  }),
]
const client = new FakeClient(fakeSnapshot({ documents }))
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

process.exitCode = await runScreen(client, new Journal(), {
  ascii: false,
  serviceFolder: folder,
  stateFolder: folder,
  signal: endingSignal(true),
  onTaken: (how) => {
    restore = how
  },
})
process.stdin.unref()
