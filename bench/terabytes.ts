import { createHash } from "node:crypto"
import { lstatSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { downloadNames } from "../core/store/download-names.js"
import { stampOf } from "../core/store/file-stamp.js"
import { recordBinding } from "../core/store/record-binding.js"
import { encodeRecord, type RecordBinding } from "../core/store/resume-layout.js"
import { freePort } from "../core/testing/free-port.js"
import { Bitfield } from "../core/torrent/bitfield.js"
import { parseTorrent } from "../core/torrent/parse-torrent.js"
import type { Goal } from "./goals.js"
import { LOOP_DELAY, loopDelay } from "./loop-delays.js"
import { canMakeLoopDisk, LoopDisk } from "./loop-disk.js"
import type { MeteredProgram } from "./metered-program.js"
import { onStage, type Stage } from "./stage.js"
import { torrentOf } from "./torrent-file.js"
import type { Measurement, Sample } from "./transfers.js"
import { WAITING, waiting } from "./waiting.js"

const GIB = 1024 ** 3
const PART_BYTES = 16 * 1024 * 1024
const SIZE_BYTES = 2_048 * GIB
const PARTS = SIZE_BYTES / PART_BYTES
const WATCHED_MS = 10_000
/** So that little memory behind the sparse disk is written. */
const LIMIT = "100MB/s"
const LINE = ["--plain", "--json", "--seed"]
const READY = /"event":"ready"/
const SEEDING = /"event":"list".*"state":"seeding"/
const GOAL: Goal = { of: "seconds", memoryMiB: 191, loopMs: 50 }

const STEPS = [
  "download that no peer has",
  "started again with half the parts",
  "started again with all",
  "downloading",
]

/** The samples of one run, until each was taken. */
const taken = new Map<string, Sample>()

/** A sparse file of zeros on a sparse disk: nothing of it is hashed but what is downloaded. */
export const terabytes: Measurement = {
  name: `a document of 2 TiB in ${PARTS.toLocaleString("en")} parts`,
  contenders: STEPS.map((name) => ({ name, goal: GOAL, isPresent: canMakeLoopDisk, run: () => sampleOf(name) })),
}

async function sampleOf(step: string): Promise<Sample> {
  if (taken.size === 0) {
    const disk = new LoopDisk({ sizeBytes: SIZE_BYTES + 64 * GIB })
    try {
      for (const [index, sample] of (await onStage((stage) => wholeRun(stage, disk))).entries())
        taken.set(STEPS[index] ?? "", sample)
    } finally {
      disk.close()
    }
  }
  const sample = taken.get(step)
  taken.delete(step)
  if (sample === undefined) throw new Error(`there is no sample of ${step}`)
  return sample
}

async function wholeRun(stage: Stage, disk: LoopDisk): Promise<readonly Sample[]> {
  const torrentFile = stage.path("sample.torrent.json")
  const zeros = createHash("sha1").update(new Uint8Array(PART_BYTES)).digest("hex")
  const digests = Array.from({ length: PARTS }, () => zeros)
  const content = torrentOf({ name: "copy", sizeBytes: SIZE_BYTES, partBytes: PART_BYTES, digests })
  writeFileSync(torrentFile, content)
  const binding = recordBinding(parseTorrent(content))
  const copy = join(disk.path, "copy")
  const port = await freePort()
  const first = () => clientOf(stage, "first", { self: { service: "first", host: "127.0.0.1", port } })
  const opened = await watched(first(), WAITING, `download "${torrentFile}" "${copy}"`)
  record(copy, binding, (part) => part % 2 === 0)
  const resumed = await watched(first(), WAITING)
  record(copy, binding, () => true)
  const seeder = first()
  const completed = await waiting(seeder, SEEDING)
  const downloading = await downloadFrom(stage, `127.0.0.1:${port}`, `download "${torrentFile}" "${disk.path}/other"`)
  await seeder.stop()
  return [opened, resumed, completed, downloading]
}

async function watched(client: MeteredProgram, state: RegExp, command?: string): Promise<Sample> {
  if (command !== undefined) {
    await client.line(READY)
    await loopDelay(client)
  }
  const sample = await waiting(client, state, () => command !== undefined && client.type(command))
  await client.stop()
  return sample
}

/** Makes a stopped download that has these parts. The file is zeros from end to end, so they are right. */
function record(copy: string, binding: RecordBinding, has: (part: number) => boolean): void {
  const names = downloadNames(copy)
  writeFileSync(names.part, "", { flag: "a" })
  truncateSync(names.part, SIZE_BYTES)
  const have = new Bitfield(PARTS)
  for (let part = 0; part < PARTS; part++) if (has(part)) have.add(part)
  const stamp = stampOf(lstatSync(names.part, { bigint: true }))
  writeFileSync(names.record, encodeRecord(binding, have, stamp))
}

async function downloadFrom(stage: Stage, peers: string, command: string): Promise<Sample> {
  const client = clientOf(stage, "second", { peers, limits: { download: LIMIT } })
  await client.line(READY)
  await loopDelay(client)
  const cpuBefore = client.cpuSecondsSoFar
  client.type(command)
  await delay(WATCHED_MS)
  const cpuSeconds = client.cpuSecondsSoFar - cpuBefore
  const { p99Ms, maxMs } = await loopDelay(client)
  client.type("list")
  const [, bytes] = /"downloaded_bytes":(\d+)/.exec(await client.line(/"event":"list"/)) ?? []
  await client.stop()
  const remark = `${(Number(bytes) / 1e6).toFixed(0)} MB, loop late by p99 ${p99Ms.toFixed(0)}, at most ${maxMs.toFixed(0)} ms`
  return { wallSeconds: WATCHED_MS / 1_000, cpuSeconds, peakBytes: client.peakBytes, loopMs: maxMs, remark }
}

function clientOf(stage: Stage, name: string, keys: Readonly<Record<string, unknown>>): MeteredProgram {
  return stage.clientWith(name, { tracker: undefined, ...keys }, LINE, ["--import", LOOP_DELAY])
}
