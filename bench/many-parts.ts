import { writeFileSync } from "node:fs"
import { LOOP_DELAY, loopDelay } from "./loop-delays.js"
import type { MeteredProgram } from "./metered-program.js"
import { onStage, type Stage } from "./stage.js"
import { torrentOf } from "./torrent-file.js"
import type { Measurement, Sample } from "./transfers.js"
import { WAITING, waiting } from "./waiting.js"

const PARTS = 1_000_000
const PART_BYTES = 16 * 1024
const READY = /"event":"ready"/

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
  const opened = await waiting(client, WAITING, () => client.type(`download "${torrentFile}" copy`))
  await client.stop()
  const again = clientOf(stage)
  const resumed = await waiting(again, WAITING)
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
