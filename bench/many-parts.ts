import { writeFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { endLoopDelay, LOOP_DELAY, loopDelay } from "./loop-delays.js"
import type { MeteredProgram } from "./metered-program.js"
import { onStage, type Stage } from "./stage.js"
import { torrentOf } from "./torrent-file.js"
import type { Measurement, Sample } from "./transfers.js"

const PARTS = 1_000_000
const PART_BYTES = 16 * 1024
/** Until what a start brings with it is over; then how long it is watched. */
const SETTLE_MS = 10_000
const WATCHED_MS = 5_000
const READY = /"event":"ready"/
const WAITING = /"event":"list".*"state":"(downloading|waiting|stalled)"/

type Step = "open" | "resume"

/** The samples of one run, until each was taken. */
const taken = new Map<Step, Sample>()

async function sampleOf(step: Step): Promise<Sample> {
  if (taken.size === 0) for (const [made, sample] of await onStage(wholeRun)) taken.set(made, sample)
  const sample = taken.get(step)
  taken.delete(step)
  if (sample === undefined) throw new Error(`there is no sample of ${step}`)
  return sample
}

/** Nobody has it: what is measured is the client itself. */
export const manyParts: Measurement = {
  name: "a document of 1,000,000 parts of 16 KiB that no peer has",
  contenders: [
    { name: "download, until it waits for peers", run: () => sampleOf("open") },
    { name: "started again, until it waits for peers", run: () => sampleOf("resume") },
  ],
}

async function wholeRun(stage: Stage): Promise<readonly (readonly [Step, Sample])[]> {
  const tracker = await stage.tracker()
  const torrentFile = stage.path("sample.torrent.json")
  writeFileSync(torrentFile, torrentOfManyParts())
  const client = clientOf(stage)
  await client.line(READY)
  await loopDelay(client)
  const opened = await waiting(client, () => client.type(`download "${torrentFile}" copy`))
  await client.stop()
  const again = clientOf(stage)
  const resumed = await waiting(again, () => undefined)
  await again.stop()
  await tracker.stop()
  return [
    ["open", opened],
    ["resume", resumed],
  ]
}

function torrentOfManyParts(): string {
  const digests = Array.from({ length: PARTS }, (_, index) => index.toString(16).padStart(40, "0"))
  return torrentOf({ name: "copy", sizeBytes: PARTS * PART_BYTES, partBytes: PART_BYTES, digests })
}

function clientOf(stage: Stage): MeteredProgram {
  return stage.client("downloader", ["--plain", "--json", "--seed"], {}, ["--import", LOOP_DELAY])
}

/** From `begin` until the client says that the document waits, and then what it does at rest. */
async function waiting(client: MeteredProgram, begin: () => void): Promise<Sample> {
  const startedAtMs = performance.now()
  const cpuBefore = client.cpuSecondsSoFar
  begin()
  for (let after = client.lines.length; ; after = client.lines.length) {
    client.type("list")
    if (WAITING.test(await client.line(/"event":"list"/, after))) break
    await delay(20)
  }
  const wallSeconds = (performance.now() - startedAtMs) / 1_000
  const cpuSeconds = client.cpuSecondsSoFar - cpuBefore
  const { p99Ms, maxMs } = await loopDelay(client)
  endLoopDelay(client)
  const rest = await restingShare(client)
  const remark = `loop late by p99 ${p99Ms.toFixed(0)}, at most ${maxMs.toFixed(0)} ms, at rest ${rest.toFixed(2)} % of a core`
  return { wallSeconds, cpuSeconds, peakBytes: client.peakBytes, remark }
}

async function restingShare(client: MeteredProgram): Promise<number> {
  await delay(SETTLE_MS)
  const before = client.cpuSecondsSoFar
  await delay(WATCHED_MS)
  return ((client.cpuSecondsSoFar - before) * 100_000) / WATCHED_MS
}
