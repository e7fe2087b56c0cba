import { createHash, randomBytes, randomUUID } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { MeteredProgram } from "./metered-program.js"
import { onStage, type Stage } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const DOCUMENTS = 1_000
const DOCUMENT_BYTES = 64 * 1024
/** Until what a start brings with it (announces, garbage) is over; then how long it is watched. */
const SETTLE_MS = 40_000
const WATCHED_MS = 10_000

export const manyDocuments: Measurement = {
  name: "1,000 seeded documents: until all are served, and then at rest",
  contenders: [{ name: "p2p-tui", run: () => thousand() }],
}

export const start: Measurement = {
  name: "from the start of the process to serving",
  contenders: [
    { name: "node itself", run: () => nodeAlone() },
    { name: "p2p-tui", run: () => untilItListens() },
  ],
}

function thousand(): Promise<Sample> {
  return onStage(async (stage) => {
    const tracker = await stage.tracker()
    mkdirSync(stage.path("seeder"))
    for (let index = 0; index < DOCUMENTS; index++) shareOne(stage.path("seeder"), `document-${index}`)
    // The first start hashes everything, and announces it.
    await (await serving(stage)).stop()
    const startedAtMs = performance.now()
    const seeder = await serving(stage)
    const wallSeconds = (performance.now() - startedAtMs) / 1_000
    const idle = await restingShare(seeder)
    const cost = await seeder.stop()
    await tracker.stop()
    return { ...cost, wallSeconds, remark: `at rest ${idle.toFixed(2)} % of a core` }
  })
}

/** A file of one part, with its torrent file beside it. */
function shareOne(folder: string, name: string): void {
  const bytes = randomBytes(DOCUMENT_BYTES)
  const digest = createHash("sha1").update(bytes).digest("hex")
  const FileInfo = { Size: bytes.length, PartSize: bytes.length, Parts: [digest], Hash: randomUUID(), Name: name }
  writeFileSync(join(folder, name), bytes)
  writeFileSync(join(folder, `${name}.torrent.json`), JSON.stringify({ FileInfo }))
}

async function serving(stage: Stage): Promise<MeteredProgram> {
  const seeder = stage.client("seeder", ["--plain", "--json", "--seed"])
  await seeder.line(/"event":"ready"/)
  for (;;) {
    const after = seeder.lines.length
    seeder.type("list")
    const answer = await seeder.line(/"event":"list"/, after)
    if ((answer.match(/"state":"seeding"/g) ?? []).length === DOCUMENTS) return seeder
    await delay(20)
  }
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
