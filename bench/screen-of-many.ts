import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pass } from "node:timers/promises"
import type { PtyScreen } from "../tui/testing/pty-screen.js"
import { shareOne } from "./many-documents.js"
import { median } from "./median.js"
import { processTimes } from "./process-times.js"

const DOCUMENTS = 5_000
/** Ours: what a hand does not notice. */
const GOAL_KEY_MS = 50
/** A key that draws nothing takes as long. */
const MAX_KEY_MS = 10_000
/** After the last document is hashed: announces and rates come to rest. */
const SETTLE_MS = 20_000

/** What is pressed one after the other, each when the one before is drawn. */
const KEYS: readonly (readonly [what: string, keys: readonly string[]])[] = [
  ["scroll by a line", new Array<string>(20).fill("j")],
  ["scroll by a page", new Array<string>(20).fill("\u001B[6~")],
  ["sort", new Array<string>(9).fill("s")],
  ["reverse the order", new Array<string>(10).fill("S")],
  ["filter, a letter", ["t", "-", "1", "2", "4", "\u007F", "\u007F", "9"]],
  ["show all again", ["\u001B"]],
]

/** Rows of the table: a client with thousands of documents, of which none moves, in a pseudo-terminal. `open` starts it in a folder. */
export async function manyOnScreen(
  root: string,
  open: (folder: string) => PtyScreen,
  watch: (screen: PtyScreen) => Promise<string>,
): Promise<string[][]> {
  const folder = "many"
  mkdirSync(join(root, folder))
  for (let index = 0; index < DOCUMENTS; index++) shareOne(join(root, folder), `document-${index}`)
  const screen = open(folder)
  await screen.until((text) => text.includes(`0 of ${DOCUMENTS.toLocaleString("en")} moving  100 %`))
  await pass(SETTLE_MS)
  const rows = [[`${DOCUMENTS} documents at rest`, await watch(screen)]]
  for (const [what, keys] of KEYS) {
    if (what.startsWith("filter")) await timeOf(screen, "/")
    rows.push([`${DOCUMENTS} documents: ${what}`, await timesOf(screen, keys)])
  }
  await screen.close()
  return rows
}

async function timesOf(screen: PtyScreen, keys: readonly string[]): Promise<string> {
  const cpuBefore = processTimes(screen.pid).cpuSeconds
  const times: number[] = []
  for (const key of keys) times.push(await timeOf(screen, key))
  const cpuMs = (1_000 * (processTimes(screen.pid).cpuSeconds - cpuBefore)) / keys.length
  const slow = times.filter((ms) => ms > GOAL_KEY_MS).length
  const words = `${median(times).toFixed(0)} ms (most ${Math.max(...times).toFixed(0)}), CPU ${cpuMs.toFixed(0)} ms a key`
  return slow === 0 ? words : `${words}; ${slow} of ${keys.length} over ${GOAL_KEY_MS} ms`
}

/** From the key to the first bytes that it has written, ms. */
async function timeOf(screen: PtyScreen, key: string): Promise<number> {
  const { length } = screen.raw
  const fromMs = performance.now()
  screen.type(key)
  await Promise.race([screen.until(() => screen.raw.length > length), pass(MAX_KEY_MS, undefined, { ref: false })])
  const ms = performance.now() - fromMs
  // What it draws in a second frame belongs to it.
  await pass(100)
  return ms
}
