/**
 * `npm run bench:siege [runs]`: what one hostile peer costs an honest transfer, and what one hostile caller costs the tracker's other
 * callers; one run of each by default (4 minutes). Prints figures and a verdict for each flood. Exit status 1 when one of
 * them misses its bound.
 */
import { randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { request } from "node:http"
import { fileURLToPath } from "node:url"
import { freePort } from "../core/testing/free-port.js"
import { infoHash } from "../core/torrent/info-hash.js"
import { createLengths } from "../core/torrent/lengths.js"
import { parseTorrent } from "../core/torrent/parse-torrent.js"
import { trackerCommand } from "../tui/e2e/program.js"
import { median, table } from "./median.js"
import { MeteredProgram } from "./metered-program.js"
import { onStage, requireSame, type Stage } from "./stage.js"

export const PEER_FLOODS = [
  "requests of 1 byte",
  "requests, unread",
  "haveNone",
  "empty bitfields",
  "allowedFast",
  "suggest",
  "choke and unchoke",
  "interest flips",
  "have",
  "extension handshakes",
] as const
export type PeerFlood = (typeof PEER_FLOODS)[number]
export type TrackerFlood = "alive" | "hash"

const FLOOD = fileURLToPath(new URL("./flood.js", import.meta.url))
const SAMPLE_MIB = 477
const LIMIT = "60MB/s"
const MIB = 1024 * 1024
/** Documents that one `POST /alive` may name. */
const ALIVE_DOCUMENTS = 150
const ANNOUNCES = 2_000

/** Bounds (our choice): what the flood of one may cost the others. */
const MAX_RATIO = 1.25
const MAX_SEEDER_MIB = 250
const MAX_P99_MS = 50

interface Transfer {
  readonly wallSeconds: number
  readonly seederMiB: number
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(Number(process.argv[2] ?? 1))

async function main(runs: number): Promise<void> {
  await besiegeTransfers(runs)
  await besiegeTracker(runs)
}

async function besiegeTransfers(runs: number): Promise<void> {
  const kinds = [undefined, ...PEER_FLOODS]
  const transfers = kinds.map((): Transfer[] => [])
  for (let run = 0; run < runs; run++)
    for (const [index, kind] of kinds.entries()) transfers[index]?.push(await transferBeside(kind))
  const wallOf = (index: number) => median(transfers[index]?.map(({ wallSeconds }) => wallSeconds) ?? [])
  const alone = wallOf(0)
  const rows = kinds.map((kind, index) => {
    const ratio = wallOf(index) / alone
    const memory = Math.max(...(transfers[index]?.map(({ seederMiB }) => seederMiB) ?? []))
    const figures = [wallOf(index).toFixed(2), ratio.toFixed(2), memory.toFixed(0)]
    return [kind ?? "none", ...figures, verdict(ratio <= MAX_RATIO && memory < MAX_SEEDER_MIB)]
  })
  const head = ["flood of one peer", `${SAMPLE_MIB} MiB at ${LIMIT}, s`, "ratio", "seeder MiB", "verdict"]
  process.stdout.write(`${table(head, rows)}\n\n`)
}

async function besiegeTracker(runs: number): Promise<void> {
  const rows: string[][] = []
  for (const store of ["memory", "disk"] as const)
    for (const kind of [undefined, "alive", "hash"] as const) {
      const p99s: number[] = []
      for (let run = 0; run < runs; run++) p99s.push(await announcesBeside(kind, store))
      const p99 = median(p99s)
      rows.push([store, kind ?? "none", p99.toFixed(1), verdict(p99 < MAX_P99_MS)])
    }
  process.stdout.write(`${table(["store", "flood of one caller", "p99 of an announce, ms", "verdict"], rows)}\n`)
}

function verdict(isGood: boolean): string {
  if (!isGood) process.exitCode = 1
  return isGood ? "good" : "MISSED"
}

/** One transfer under the limit; the flood strikes the seeder and the downloader, as one peer each. */
function transferBeside(kind: PeerFlood | undefined): Promise<Transfer> {
  return onStage(async (stage) => {
    const tracker = await stage.tracker()
    const file = stage.sample("sample", SAMPLE_MIB)
    const seeder = await stage.seeder(file, { upload: LIMIT })
    const downloader = stage.client("downloader", ["--plain", "--json"], {})
    const ports = await Promise.all([seeder, downloader].map((program) => portOf(program)))
    const flood = kind && startFlood("peer", kind, ...target(stage), ...ports)
    const startedAtMs = performance.now()
    downloader.type(`download "${stage.path("sample.torrent.json")}" copy`)
    await downloader.line(/SUCCESSFUL DOWNLOAD/)
    const wallSeconds = (performance.now() - startedAtMs) / 1_000
    requireSame(file, stage.path("downloader", "copy"))
    await flood?.kill()
    await downloader.stop()
    const { peakBytes } = await seeder.stop()
    await tracker.stop()
    return { wallSeconds, seederMiB: peakBytes / MIB }
  })
}

function target(stage: Stage): readonly string[] {
  const torrent = parseTorrent(readFileSync(stage.path("sample.torrent.json")))
  const { partCount } = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  return [Buffer.from(infoHash(torrent)).toString("hex"), String(partCount)]
}

async function portOf(program: MeteredProgram): Promise<string> {
  const { port } = JSON.parse(await program.line(/"event":"ready"/)) as { readonly port: number }
  return String(port)
}

function startFlood(...words: readonly string[]): MeteredProgram {
  return new MeteredProgram([process.execPath, FLOOD, ...words])
}

/** The 99th percentile of honest announces, one after the other, ms. */
function announcesBeside(kind: TrackerFlood | undefined, store: "memory" | "disk"): Promise<number> {
  return onStage(async (stage) => {
    const port = String(await freePort())
    const where = store === "memory" ? ["--store", "memory"] : ["--data", stage.path("tracker")]
    const tracker = new MeteredProgram(trackerCommand(...where, "127.0.0.1", port))
    await tracker.line(/listens on/)
    const uuids: string[] = []
    for (let index = 0; index < ALIVE_DOCUMENTS; index++) {
      const uuid = randomUUID()
      await call(port, "/hash", { hash: uuid })
      uuids.push(uuid)
    }
    const flood = kind && startFlood("tracker", kind, port, ...uuids)
    const times: number[] = []
    for (let index = 0; index < ANNOUNCES; index++) {
      const startedAtMs = performance.now()
      await call(port, "/peers", { hash: uuids[index % uuids.length] })
      times.push(performance.now() - startedAtMs)
    }
    await flood?.kill()
    await tracker.stop()
    return times.sort((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN
  })
}

function call(port: string, path: string, more: Readonly<Record<string, unknown>>): Promise<void> {
  const body = JSON.stringify({ listening_host: "127.0.0.1", listening_port: 7_001, ...more })
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) }
    const asked = request({ port, host: "127.0.0.1", method: "POST", path, headers }, (answer) => {
      answer
        .resume()
        .once("end", () =>
          answer.statusCode === 200 ? resolve() : reject(new Error(`${path}: status ${answer.statusCode}`)),
        )
    })
    asked.once("error", reject)
    asked.end(body)
  })
}
