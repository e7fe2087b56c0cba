/**
 * What the screen costs, in a real pseudo-terminal of 120x40: how soon it is there, what it writes and uses at rest and
 * with twenty documents moving, whether a transfer takes longer with it than in line mode, and what a key costs with 5,000
 * documents. `npm run bench:screen`, or `npm run bench:screen many` for the last alone.
 */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pass } from "node:timers/promises"
import { PtyScreen } from "../tui/testing/pty-screen.js"
import { median, table } from "./median.js"
import { processTimes } from "./process-times.js"
import { manyOnScreen } from "./screen-of-many.js"

const SIZE = { columns: 120, rows: 40 }
const CLIENT = "bin/p2p-tui.js"
const TRACKER_PORT = 5980
const SHARED_BYTES = 1024 * 1024 * 1024
const RUNS = 5
const WATCHED_MS = 5_000

const root = mkdtempSync(join(tmpdir(), "p2p-tui-bench-screen-"))
const screens: PtyScreen[] = []
let folders = 0

try {
  const rows = process.argv[2] === "many" ? [] : await ofFew()
  rows.push(...(await manyOnScreen(root, openFolder, watch)))
  process.stdout.write(`${table(["", "median"], rows)}\n`)
} finally {
  for (const screen of screens) await screen.close()
  rmSync(root, { recursive: true })
}

async function ofFew(): Promise<string[][]> {
  const seeder = await startSeeder()
  return [
    ["first full frame, CPU until then", await firstFrames()],
    [`at rest, seeding, ${WATCHED_MS / 1000} s`, await watch(seeder)],
    ["20 documents moving", await busy()],
    ...(await transfers()),
  ]
}

function open(port: number, options: readonly string[] = []): PtyScreen {
  const folder = `client${folders++}`
  mkdirSync(join(root, folder))
  return openFolder(folder, port, options)
}

function openFolder(folder: string, port = 7984, options: readonly string[] = []): PtyScreen {
  const config = join(root, `${folder}.json`)
  const self = { service: folder, host: "127.0.0.1", port }
  writeFileSync(config, JSON.stringify({ self, tracker: { host: "http://127.0.0.1", port: TRACKER_PORT } }))
  return start(CLIENT, [config, ...options])
}

function start(script: string, args: readonly string[]): PtyScreen {
  const screen = new PtyScreen(script, args, { ...SIZE, env: { XDG_DATA_HOME: join(root, "state") } })
  screens.push(screen)
  return screen
}

/** Shares a file, and runs the tracker for all. */
async function startSeeder(): Promise<PtyScreen> {
  const seeder = open(7980)
  await seeder.until(isDrawn)
  writeFileSync(join(root, "client0", "sample"), "")
  truncateSync(join(root, "client0", "sample"), SHARED_BYTES)
  seeder.type(":upload sample sample.json --open\r")
  await seeder.until((text) => text.includes("SUCCESSFUL UPLOAD"))
  return seeder
}

async function firstFrames(): Promise<string> {
  const samples: { readonly ms: number; readonly cpuMs: number }[] = []
  for (let run = 0; run < RUNS; run++) {
    const from = performance.now()
    const screen = open(7981)
    await screen.until(isDrawn)
    samples.push({ ms: performance.now() - from, cpuMs: cpuMsOf(screen) })
    await screen.close()
  }
  const ms = samples.map((sample) => sample.ms)
  const cpuMs = median(samples.map((sample) => sample.cpuMs))
  return `${median(ms).toFixed(0)} ms (best ${Math.min(...ms).toFixed(0)}), ${cpuMs.toFixed(0)} ms`
}

/** What is written and used while some seconds pass. */
async function watch(screen: PtyScreen): Promise<string> {
  // Rates come to rest first.
  await pass(5_000)
  const [length, cpuMs] = [screen.raw.length, cpuMsOf(screen)]
  await pass(WATCHED_MS)
  const written = Buffer.byteLength(screen.raw.slice(length))
  const percent = (100 * (cpuMsOf(screen) - cpuMs)) / WATCHED_MS
  return `${written} bytes, ${((written * 1000) / WATCHED_MS / 1024).toFixed(1)} KiB/s, ${percent.toFixed(1)} % of a core`
}

/** The engine plays its part in it here: it is the demo's fake client. */
async function busy(): Promise<string> {
  const screen = start("tested/demo.js", ["20"])
  await screen.until(isDrawn)
  const figures = await watch(screen)
  await screen.close()
  return figures
}

interface Transfer {
  readonly ms: number
  readonly cpuMs: number
}

/** One gigabyte from the seeder, in line mode and with the screen on, in turn. */
async function transfers(): Promise<string[][]> {
  const lines: Transfer[] = []
  const drawn: Transfer[] = []
  for (let run = 0; run < RUNS; run++) {
    lines.push(await download(open(7982, ["--plain"]), "listening on", ""))
    drawn.push(await download(open(7983), "q quit", ":"))
  }
  const ratio = (figure: (transfer: Transfer) => number): string =>
    median(drawn.map((transfer, run) => figure(transfer) / figure(lines[run] ?? transfer))).toFixed(2)
  const seconds = (samples: readonly number[]): string => `${(median(samples) / 1000).toFixed(2)} s`
  const words = (samples: readonly Transfer[]): string =>
    `${seconds(samples.map(({ ms }) => ms))}, CPU ${seconds(samples.map(({ cpuMs }) => cpuMs))}`
  const times = `${ratio(({ ms }) => ms)} times as long, CPU ${ratio(({ cpuMs }) => cpuMs)} times`
  return [
    ["1 GiB in line mode", words(lines)],
    ["1 GiB with the screen on", `${words(drawn)}; ${times}`],
  ]
}

async function download(screen: PtyScreen, ready: string, prefix: string): Promise<Transfer> {
  await screen.until((text) => text.includes(ready))
  const [from, cpuMs] = [performance.now(), cpuMsOf(screen)]
  screen.type(`${prefix}download ${join(root, "client0", "sample.json")} copy\r`)
  await screen.until((text) => text.includes("SUCCESSFUL DOWNLOAD"))
  const transfer = { ms: performance.now() - from, cpuMs: cpuMsOf(screen) - cpuMs }
  await screen.close()
  return transfer
}

function isDrawn(text: string): boolean {
  return text.includes("q quit")
}

function cpuMsOf({ pid }: PtyScreen): number {
  return 1_000 * processTimes(pid).cpuSeconds
}
