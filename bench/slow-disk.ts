import { mkdtempSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { clocked } from "./clocked.js"
import { canMakeSlowDisk, LoopDisk } from "./loop-disk.js"
import type { MeteredProgram } from "./metered-program.js"
import { onStage, requireSame, type Stage } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const FAST_MEBIBYTES = 1_024
const SLOW_MEBIBYTES = 2_048
const DISK_BYTES_PER_SECOND = 50_000_000
const MIB = 1024 * 1024
/** The other document has filled by then what waits for the slow disk; where the disk is fast, it is over, and the client as warm. */
const BEFORE_MEBIBYTES = 100
const LOOK_MS = 100
const DOWNLOADED = /SUCCESSFUL DOWNLOAD/

/** One client, two documents: what the one waits for must not hold the other. */
export const slowDisk: Measurement = {
  name: `${FAST_MEBIBYTES} MiB into memory, beside another download onto a disk of ${DISK_BYTES_PER_SECOND / 1e6} MB/s`,
  contenders: [
    { name: "alone", isPresent: canMakeSlowDisk, run: () => onStage((stage) => fastDownload(stage, undefined)) },
    {
      name: "beside the slow disk",
      goal: { of: "ratio", wall: 1 / 0.9, memoryMiB: 191 },
      isPresent: canMakeSlowDisk,
      run: () => onStage(besideSlowDisk),
    },
  ],
}

async function besideSlowDisk(stage: Stage): Promise<Sample> {
  const sizeBytes = (SLOW_MEBIBYTES + 256) * MIB
  const disk = new LoopDisk({ sizeBytes, writeBytesPerSecond: DISK_BYTES_PER_SECOND })
  try {
    return await fastDownload(stage, disk)
  } finally {
    disk.close()
  }
}

async function fastDownload(stage: Stage, disk: LoopDisk | undefined): Promise<Sample> {
  const tracker = await stage.tracker()
  const seeder = stage.client("seeder", ["--plain", "--json", "--seed"])
  const fast = await uploaded(stage, seeder, "fast", FAST_MEBIBYTES)
  const other = await uploaded(stage, seeder, "other", disk ? SLOW_MEBIBYTES : BEFORE_MEBIBYTES)
  const downloader = stage.client("downloader", ["--plain", "--json", "--seed"])
  await downloader.line(/"event":"ready"/)
  const folder = mkdtempSync(join("/dev/shm", "p2p-tui-fast-"))
  try {
    downloader.type(`download "${other.torrentFile}" "${join(disk?.path ?? folder, "other")}"`)
    if (disk) await untilUnderWay(downloader)
    else await downloader.line(DOWNLOADED)
    const copy = join(folder, "copy")
    const before = await downloadedBytes(downloader)
    const startedAtMs = performance.now()
    const cost = await clocked(stage, FAST_MEBIBYTES, [downloader, seeder], () => {
      const { length } = downloader.lines
      downloader.type(`download "${fast.torrentFile}" "${copy}"`)
      return downloader.line(DOWNLOADED, length)
    })
    const seconds = (performance.now() - startedAtMs) / 1_000
    const otherBytes = (await downloadedBytes(downloader)) - before - FAST_MEBIBYTES * MIB
    requireSame(fast.file, copy)
    for (const program of [downloader, seeder, tracker]) await program.kill()
    const ofDownloader = { ...cost, peakBytes: downloader.peakBytes }
    const remark = `the other ${(otherBytes / seconds / 1e6).toFixed(0)} MB/s`
    return disk ? { ...ofDownloader, remark } : ofDownloader
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function uploaded(stage: Stage, seeder: MeteredProgram, name: string, mebibytes: number) {
  const file = stage.sample(name, mebibytes)
  const torrentFile = stage.path(`${name}.json`)
  seeder.type(`upload --open "${file}" "${torrentFile}"`)
  await seeder.line(new RegExp(`SUCCESSFUL UPLOAD.*${name}.json`))
  return { file, torrentFile }
}

async function untilUnderWay(downloader: MeteredProgram): Promise<void> {
  while ((await downloadedBytes(downloader)) < BEFORE_MEBIBYTES * MIB) await delay(LOOK_MS)
}

/** Payload of all documents so far. */
async function downloadedBytes(downloader: MeteredProgram): Promise<number> {
  const after = downloader.lines.length
  downloader.type("list")
  const answer = await downloader.line(/"event":"list"/, after)
  return [...answer.matchAll(/"downloaded_bytes":(\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)
}
