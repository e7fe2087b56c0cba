/**
 * The screen with a fake client that moves, to look at: `node dist/tested/demo.js [documents] [ascii]`. Made for
 * judging the picture at many sizes; the measurements of idle and busy screens use it too.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { seededRandom } from "../../core/testing/seeded-random.js"
import { endingSignal } from "../base/ending-signal.js"
import { Journal } from "../commands/journal.js"
import { ownScreen } from "../control/screen-place.js"
import { runScreen } from "../screen/run-screen.js"
import { playScenes } from "./demo-scenes.js"
import { FakeClient } from "./fake-client.js"

const count = Number(process.argv[2] ?? 5)
const folder = mkdtempSync(join(tmpdir(), "p2p-tui-demo-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const client = new FakeClient()
const journal = new Journal()
const stop = playScenes(client, journal, count, seededRandom(1))
const options = {
  ascii: process.argv[3] === "ascii",
  serviceFolder: folder,
  stateFolder: folder,
  signal: endingSignal(true),
  onTaken: () => {},
}
process.exitCode = await runScreen(ownScreen(client, journal, folder), options)
stop()
