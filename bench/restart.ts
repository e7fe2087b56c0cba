import { statSync, truncateSync, writeFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import type { MeteredProgram } from "./metered-program.js"
import { onStage, requireSame, type Stage } from "./stage.js"
import { copiesSent, type Measurement, type Sample } from "./transfers.js"

const MIB = 1024 * 1024
const LOOK_MS = 5

/** A download that is killed outright at half, and begun again. */
export const restart: Measurement = {
  name: "killed with kill -9 at half of 1 GiB, begun again",
  contenders: [{ name: "p2p-tui, until it is done", run: () => onStage((stage) => untilDone(stage)) }],
}

export const longRestart: Measurement = {
  name: "killed with kill -9 at half of 10 GiB, begun again",
  contenders: [{ name: "p2p-tui, until it fetches", run: () => onStage((stage) => untilItFetches(stage)) }],
}

async function untilDone(stage: Stage): Promise<Sample> {
  const mebibytes = 1_024
  const tracker = await stage.tracker()
  const file = stage.sample("sample", mebibytes)
  const seeder = await stage.seeder(file)
  await killAtHalf(stage, mebibytes)
  const startedAtMs = performance.now()
  const again = fetch(stage)
  const found = await again.line(/verified, fetching/)
  await again.line(/^SUCCESSFUL DOWNLOAD$/)
  const wallSeconds = (performance.now() - startedAtMs) / 1_000
  const cost = await again.stop()
  requireSame(file, stage.path("downloader", "copy"))
  const twice = ((Number(await copiesSent(seeder, mebibytes)) - 1) * mebibytes).toFixed(0)
  await seeder.stop()
  await tracker.stop()
  const there = /([\d,]+ of [\d,]+) parts/.exec(found)?.[1]
  return { ...cost, wallSeconds, remark: `${twice} MiB twice (${there} were there)` }
}

/** Zeros, for what counts is how much there is to look through; the time is from the start of the process to the first new bytes. */
async function untilItFetches(stage: Stage): Promise<Sample> {
  const mebibytes = 10_240
  const tracker = await stage.tracker()
  writeFileSync(stage.path("sample"), "")
  truncateSync(stage.path("sample"), mebibytes * MIB)
  const seeder = await stage.seeder(stage.path("sample"))
  await killAtHalf(stage, mebibytes)
  const before = bytesOnDisk(stage)
  const startedAtMs = performance.now()
  const again = fetch(stage)
  while (bytesOnDisk(stage) <= before) await delay(LOOK_MS)
  const wallSeconds = (performance.now() - startedAtMs) / 1_000
  const cost = await again.stop()
  await seeder.stop()
  await tracker.stop()
  return { ...cost, wallSeconds }
}

async function killAtHalf(stage: Stage, mebibytes: number): Promise<void> {
  const first = fetch(stage)
  await first.line(/verified, fetching|fetching/)
  while (bytesOnDisk(stage) < (mebibytes / 2) * MIB) await delay(LOOK_MS)
  await first.kill()
}

function fetch(stage: Stage): MeteredProgram {
  return stage.client("downloader", ["--seed", "download", stage.path("sample.torrent.json"), "copy"])
}

/** What the unfinished file holds: it is as long as the whole from the start, with holes. */
function bytesOnDisk(stage: Stage): number {
  // Of 512 bytes each, whatever the file system's own (stat(2)).
  return (statSync(stage.path("downloader", "copy.part"), { throwIfNoEntry: false })?.blocks ?? 0) * 512
}
