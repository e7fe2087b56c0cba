import { setTimeout as delay } from "node:timers/promises"
import { clocked, less, type Started, startTogether } from "./clocked.js"
import { LOOP_DELAY, loopDelay } from "./loop-delays.js"
import type { MeteredProgram } from "./metered-program.js"
import { onStage, requireSame, type Stage } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const LOAD = { files: 300_000, kibibytes: 1 }
/** What a copy takes of a file system of pages of 4 KiB. */
const MEBIBYTES = 1_500
/** Between two looks at whether it serves. */
const LOOK_MS = 20

type Step = "upload" | "downloader" | "seeder" | "restart"

/** The samples of one run, until each was taken. */
const taken = new Map<Step, Sample>()

/** One run makes all samples, because they are of the same folder. */
async function sampleOf(step: Step): Promise<Sample> {
  if (!taken.has(step)) for (const [made, sample] of await onStage(wholeRun)) taken.set(made, sample)
  const sample = taken.get(step)
  taken.delete(step)
  if (sample === undefined) throw new Error(`there is no sample of ${step}`)
  return sample
}

export const manyFiles: Measurement = {
  name: "a folder of 300,000 files of 1 KiB",
  contenders: [
    { name: "upload", run: () => sampleOf("upload") },
    { name: "download: the downloader", run: () => sampleOf("downloader") },
    { name: "download: the seeder", run: () => sampleOf("seeder") },
    { name: "the seeder started again, until it serves", run: () => sampleOf("restart") },
  ],
}

async function wholeRun(stage: Stage): Promise<readonly (readonly [Step, Sample])[]> {
  const tracker = await stage.tracker()
  const folder = stage.sample("sample", LOAD)
  const clients = await startTogether([() => seederOf(stage)], READY)
  const uploaded = await upload(stage, folder, clients)
  // Another process than the one that uploaded: its memory is that of serving.
  await uploaded.seeder.stop()
  const served = await restart(stage)
  const transfers = await download(stage, folder, served.seeder)
  await served.seeder.stop()
  await tracker.stop()
  return [["upload", uploaded.sample], ["restart", served.sample], ...transfers]
}

const READY = /"event":"ready"/

function seederOf(stage: Stage, name = "seeder"): MeteredProgram {
  return stage.client(name, ["--plain", "--json", "--seed"], {}, ["--import", LOOP_DELAY])
}

interface Seeding {
  readonly seeder: MeteredProgram
  readonly sample: Sample
}

async function upload(stage: Stage, folder: string, { programs }: Started): Promise<Seeding> {
  const [seeder] = programs
  if (seeder === undefined) throw new Error("no seeder was started")
  await loopDelay(seeder)
  const torrentFile = stage.path("sample.torrent.json")
  const cost = await clocked(stage, MEBIBYTES, [seeder], async () => {
    seeder.type(`upload "${folder}" "${torrentFile}" --open`)
    await seeder.line(/SUCCESSFUL UPLOAD/)
  })
  return { seeder, sample: { ...cost, remark: await loopRemark(seeder) } }
}

/** From the start of the process until it serves. */
async function restart(stage: Stage): Promise<Seeding> {
  const startedAtMs = performance.now()
  const seeder = seederOf(stage)
  await seeder.line(READY)
  for (;;) {
    const after = seeder.lines.length
    seeder.type("list")
    if ((await seeder.line(/"event":"list"/, after)).includes('"state":"seeding"')) break
    await delay(LOOK_MS)
  }
  const wallSeconds = (performance.now() - startedAtMs) / 1_000
  const { cpuSecondsSoFar: cpuSeconds, peakBytes } = seeder
  return { seeder, sample: { wallSeconds, cpuSeconds, peakBytes, remark: await loopRemark(seeder) } }
}

async function download(
  stage: Stage,
  folder: string,
  seeder: MeteredProgram,
): Promise<readonly (readonly [Step, Sample])[]> {
  const { programs } = await startTogether([() => seederOf(stage, "downloader")], READY)
  const [downloader] = programs
  if (downloader === undefined) throw new Error("no downloader was started")
  await loopDelay(downloader)
  const before = seeder.cpuSecondsSoFar
  const cost = await clocked(stage, MEBIBYTES, [downloader], async () => {
    downloader.type(`download "${stage.path("sample.torrent.json")}" copy`)
    await downloader.line(/SUCCESSFUL DOWNLOAD/)
  })
  const { wallSeconds } = cost
  const seeding = less({ wallSeconds, cpuSeconds: seeder.cpuSecondsSoFar, peakBytes: seeder.peakBytes }, before)
  const [remark, seederRemark] = [await loopRemark(downloader), await loopRemark(seeder)]
  await downloader.stop()
  requireSame(folder, stage.path("downloader", "copy"))
  return [
    ["downloader", { ...cost, remark: `${remark}, diff empty` }],
    ["seeder", { ...seeding, remark: seederRemark }],
  ]
}

async function loopRemark(program: MeteredProgram): Promise<string> {
  const { p99Ms, maxMs } = await loopDelay(program)
  return `loop late by p99 ${p99Ms.toFixed(0)}, at most ${maxMs.toFixed(0)} ms`
}
