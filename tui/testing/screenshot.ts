/**
 * Draws the pictures of the README: `npm run screenshot`. Two real clients serve, a third one fetches in a real
 * pseudo-terminal, and the cells of its screen become data/screen.svg and data/parts.svg. A fourth one fetches a document while
 * its screen is filmed: data/transfer.svg.
 */
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pass } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { PtyScreen } from "./pty-screen.js"
import { type Shot, svgFilm } from "./svg-film.js"
import { svgPicture } from "./svg-picture.js"

const SIZE = { columns: 100, rows: 30 }
const FILM_SIZE = { columns: 88, rows: 24 }
/** Between two shots, and how long the last one stays. */
const SHOT_MS = 400
const LAST_SHOT_MS = 4_000
const CLIENT = "bin/p2p-tui.js"
const TRACKER_PORT = 5990
const MIB = 1024 * 1024

/** Files of zeros take no room where they are shared, and are bytes like any others on their way. */
const SHARED = [
  { name: "debian-12.9.0-amd64-DVD-1.iso", sizeBytes: 1536 * MIB, open: true },
  { name: "genome.fa.gz", sizeBytes: 700 * MIB, open: false },
  { name: "notes.pdf", sizeBytes: 3 * MIB, open: false },
]

/** A short path, since the pictures show it. */
const root = join(tmpdir(), "share")
mkdirSync(root)
const screens: PtyScreen[] = []

try {
  await takePictures()
} finally {
  for (const screen of screens) await screen.close()
  rmSync(root, { recursive: true })
}

async function takePictures(): Promise<void> {
  const first = open("first", 7991, {})
  const second = open("second", 7992, {})
  for (const { name, sizeBytes } of SHARED) {
    for (const folder of ["first", "second"]) {
      writeFileSync(join(root, folder, name), "")
      truncateSync(join(root, folder, name), sizeBytes)
    }
  }
  await first.until(isDrawn)
  for (const { name, open } of SHARED)
    await say(first, `upload ${name} ${name}.json${open ? " --open" : ""}`, "S", name)
  for (const { name } of SHARED) await say(second, `download ${pathOf(name)} ${name}`, "S", name)

  const shown = open("shown", 7993, { download: "24MB/s" })
  await shown.until(isDrawn)
  for (const name of ["notes.pdf", "genome.fa.gz", "debian-12.9.0-amd64-DVD-1.iso"])
    await say(shown, `download ${pathOf(name)}`, "DSw", name)
  await shown.until((text) => /D. genome\S+ .* (4|5|6)\.\d %/.test(text))
  await say(shown, "pause genome.fa.gz", "P", "genome.fa.gz")
  // The selection goes with the newest download; Escape takes the message away.
  await shown.until((text) => /D. debian\S+ .* 1[2-9]\.\d %/.test(text))
  shown.type("\u001b")
  await settle(shown)
  keep(shown, "screen.svg", svgPicture)
  shown.type("2")
  await shown.until((text) => text.includes("Tries") && !text.includes("genome"))
  await settle(shown)
  keep(shown, "parts.svg", svgPicture)
  await shown.close()
  await takeFilm()
}

/** The way of one document: the line that begins it, the list, its parts, the end. */
async function takeFilm(): Promise<void> {
  const screen = open("film", 7994, { download: "60MB/s" }, FILM_SIZE)
  await screen.until(isDrawn)
  const shots: Shot[] = []
  const stopped = new AbortController()
  const filming = film(screen, shots, stopped.signal)
  for (const letter of `:download ${pathOf("genome.fa.gz")}`) {
    screen.type(letter)
    await pass(40)
  }
  screen.type("\r")
  await screen.until((text) => / (2[5-9]|3\d)\.\d %/.test(text))
  screen.type("2")
  await screen.until((text) => / (7[5-9]|8\d)\.\d %/.test(text))
  screen.type("1")
  await screen.until((text) => text.includes("SUCCESSFUL DOWNLOAD"))
  await pass(2 * SHOT_MS)
  stopped.abort()
  await filming
  const lengthMs = (shots.at(-1)?.atMs ?? 0) - (shots[0]?.atMs ?? 0) + LAST_SHOT_MS
  keep(screen, "transfer.svg", () => svgFilm(shots, Math.round(lengthMs)))
}

async function film(screen: PtyScreen, shots: Shot[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // The last line of the terminal is never drawn on.
    shots.push({ atMs: performance.now(), cells: screen.cells().slice(0, -1) })
    await pass(SHOT_MS)
  }
}

function open(name: string, port: number, limits: { readonly download?: string }, size = SIZE): PtyScreen {
  const config = join(root, `${name}.json`)
  mkdirSync(join(root, name))
  const self = { service: name, host: "127.0.0.1", port }
  writeFileSync(config, JSON.stringify({ self, tracker: { host: "http://127.0.0.1", port: TRACKER_PORT }, limits }))
  const screen = new PtyScreen(CLIENT, [config], { ...size, env: { XDG_DATA_HOME: join(root, "state") } })
  screens.push(screen)
  return screen
}

function pathOf(name: string): string {
  return join(root, "first", `${name}.json`)
}

function isDrawn(text: string): boolean {
  return text.includes("q quit")
}

/** Types a command and waits until the list shows the document `name` with one of these state letters. */
async function say(screen: PtyScreen, line: string, letters: string, name: string): Promise<void> {
  screen.type(`:${line}\r`)
  // A private document has its lock between letter and name; long names are cut in the list.
  const row = new RegExp(`[${letters}]. ${name.slice(0, 12).replaceAll(".", "\\.")}`)
  await screen.until((text) => isDrawn(text) && row.test(text))
}

/** Some frames later: rates are smoothed over seconds, and the picture is to be of the middle of things. */
async function settle(screen: PtyScreen): Promise<void> {
  const from = screen.raw.length
  await screen.until(() => screen.raw.length > from + 6_000)
}

/** The last line of the terminal is never drawn on. */
function keep(screen: PtyScreen, file: string, draw: typeof svgPicture): void {
  const path = fileURLToPath(new URL(`../../../data/${file}`, import.meta.url))
  writeFileSync(path, draw(screen.cells().slice(0, -1)))
}
