import { createHash, randomBytes, randomUUID } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { MeteredProgram } from "./metered-program.js"
import { onStage, type Stage } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const DOCUMENTS = 5_000
const DOCUMENT_BYTES = 64 * 1024
/** Until what a start brings with it (announces, garbage) is over; then how long it is watched: an interval of the tracker, with its announces. */
const SETTLE_MS = 40_000
const WATCHED_MS = 30_000
/** Between two looks whether all is served: each costs the client a list of all documents. */
const LOOK_MS = 500
/** Ours. */
const GOAL_READY_SECONDS = 3
const GOAL_BYTES = 250_000_000

export const manyDocuments: Measurement = {
  name: "5,000 seeded documents: until ready (wall s), until all are served, and then at rest",
  contenders: [{ name: "p2p-tui", run: () => thousands() }],
}

export const start: Measurement = {
  name: "from the start of the process to serving",
  contenders: [
    { name: "node itself", run: () => nodeAlone() },
    { name: "p2p-tui", run: () => untilItListens() },
  ],
}

function thousands(): Promise<Sample> {
  return onStage(async (stage) => {
    const tracker = await stage.tracker()
    mkdirSync(stage.path("seeder"))
    for (let index = 0; index < DOCUMENTS; index++) shareOne(stage.path("seeder"), `document-${index}`)
    // The first start hashes everything, and registers it with the tracker.
    const first = await ready(stage)
    await allServed(first.seeder)
    await first.seeder.stop()
    const { seeder, wallSeconds, cpuSeconds } = await ready(stage)
    const served = await allServed(seeder)
    const idle = await restingShare(seeder)
    const cost = await seeder.stop()
    await tracker.stop()
    const remark = [
      `ready after ${cpuSeconds.toFixed(1)} CPU s, ${(wallSeconds / GOAL_READY_SECONDS).toFixed(2)} of the goal in wall s`,
      `all served after ${(wallSeconds + served.wallSeconds).toFixed(1)} s, ${served.cpuSeconds.toFixed(1)} CPU s`,
      `${(cost.peakBytes / GOAL_BYTES).toFixed(2)} of the goal in memory`,
      `at rest ${idle.toFixed(2)} % of a core`,
    ].join("; ")
    return { ...cost, wallSeconds, remark }
  })
}

/** A file of one part, with its torrent file beside it. */
export function shareOne(folder: string, name: string): void {
  const bytes = randomBytes(DOCUMENT_BYTES)
  const digest = createHash("sha1").update(bytes).digest("hex")
  const FileInfo = { Size: bytes.length, PartSize: bytes.length, Parts: [digest], Hash: randomUUID(), Name: name }
  writeFileSync(join(folder, name), bytes)
  writeFileSync(join(folder, `${name}.torrent.json`), JSON.stringify({ FileInfo }))
}

async function ready(stage: Stage) {
  const startedAtMs = performance.now()
  const seeder = stage.client("seeder", ["--plain", "--json", "--seed"])
  await seeder.line(/"event":"ready"/)
  return { seeder, wallSeconds: secondsSince(startedAtMs), cpuSeconds: seeder.cpuSecondsSoFar }
}

/** Wall seconds from now until all is served; CPU seconds since its start. */
async function allServed(seeder: MeteredProgram) {
  const startedAtMs = performance.now()
  for (;;) {
    const after = seeder.lines.length
    seeder.type("list")
    const answer = await seeder.line(/"event":"list"/, after)
    const isAll = (answer.match(/"state":"seeding"/g) ?? []).length === DOCUMENTS
    if (isAll) return { wallSeconds: secondsSince(startedAtMs), cpuSeconds: seeder.cpuSecondsSoFar }
    await delay(LOOK_MS)
  }
}

function secondsSince(startedAtMs: number): number {
  return (performance.now() - startedAtMs) / 1_000
}

async function restingShare(program: MeteredProgram): Promise<number> {
  await delay(SETTLE_MS)
  const before = program.cpuSecondsSoFar
  await delay(WATCHED_MS)
  return ((program.cpuSecondsSoFar - before) * 100_000) / WATCHED_MS
}

function untilItListens(): Promise<Sample> {
  return onStage(async (stage) => {
    const tracker = await stage.tracker()
    const startedAtMs = performance.now()
    const client = stage.client("seeder", ["--plain", "--seed"])
    await client.line(/listening/)
    const wallSeconds = (performance.now() - startedAtMs) / 1_000
    const cost = await client.stop()
    await tracker.stop()
    return { ...cost, wallSeconds }
  })
}

async function nodeAlone(): Promise<Sample> {
  return new MeteredProgram([process.execPath, "-e", "0"]).ended()
}
