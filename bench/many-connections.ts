import { readFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { infoHash } from "../core/torrent/info-hash.js"
import { parseTorrent } from "../core/torrent/parse-torrent.js"
import { LOOP_DELAY, loopDelay } from "./loop-delays.js"
import { MeteredProgram } from "./metered-program.js"
import { onStage, type Stage } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const CALLERS = fileURLToPath(new URL("./callers.js", import.meta.url))
const CALLS = 500
const DOCUMENTS = 10
const MEBIBYTES = 4
const PARTS = (MEBIBYTES * 1024) / 256
/** From the start of the callers until they call, and until all have called; then how long the client is watched. */
const BEGIN_MS = 200
const SETTLE_MS = 3_000
const WATCHED_MS = 10_000

/** One client keeps 200 connections; the other callers are turned away and call again every second. */
export const manyConnections: Measurement = {
  name: `${CALLS} callers at once, on ${DOCUMENTS} documents of one client, over ${WATCHED_MS / 1_000} s`,
  contenders: [
    { name: "as they come in", run: () => onStage((stage) => watched(stage, BEGIN_MS)) },
    { name: "and then", run: () => onStage((stage) => watched(stage, SETTLE_MS)) },
  ],
}

async function watched(stage: Stage, settleMs: number): Promise<Sample> {
  const tracker = await stage.tracker()
  const client = stage.client("seeder", ["--plain", "--json", "--seed"], {}, ["--import", LOOP_DELAY])
  // What the machine does beside: as late as this, every program is.
  const atRest = "process.stdout.write('ready\\n'); setInterval(() => undefined, 1000)"
  const idle = new MeteredProgram([process.execPath, "--import", LOOP_DELAY, "-e", atRest])
  await idle.line(/ready/)
  const hashes: string[] = []
  for (let index = 0; index < DOCUMENTS; index++) {
    const torrentFile = stage.path(`${index}.torrent.json`)
    client.type(`upload --open "${stage.sample(`sample-${index}`, MEBIBYTES)}" "${torrentFile}"`)
    await client.line(new RegExp(`SUCCESSFUL UPLOAD.*/${index}\\.torrent`))
    hashes.push(Buffer.from(infoHash(parseTorrent(readFileSync(torrentFile)))).toString("hex"))
  }
  const { port } = JSON.parse(await client.line(/"event":"ready"/)) as { readonly port: number }
  const callers = new MeteredProgram([
    process.execPath,
    ...[CALLERS, String(port), String(CALLS), String(PARTS), ...hashes],
  ])
  await delay(settleMs)
  for (const program of [idle, client]) await loopDelay(program)
  const cpuBefore = client.cpuSecondsSoFar
  await delay(WATCHED_MS)
  const cpuSeconds = client.cpuSecondsSoFar - cpuBefore
  const { p99Ms, maxMs } = await loopDelay(client)
  const beside = await loopDelay(idle)
  const open = callers.lines.at(-1) ?? "nobody called"
  for (const program of [idle, callers, client, tracker]) await program.kill()
  const remark = `loop late by p99 ${p99Ms.toFixed(1)}, at most ${maxMs.toFixed(0)} ms, a program at rest by p99 ${beside.p99Ms.toFixed(1)} ms; ${open}`
  return { wallSeconds: WATCHED_MS / 1_000, cpuSeconds, peakBytes: client.peakBytes, remark }
}
