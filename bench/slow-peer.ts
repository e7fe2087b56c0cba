import { linkSync, mkdirSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { freePort } from "../core/testing/free-port.js"
import { clocked } from "./clocked.js"
import type { MeteredProgram } from "./metered-program.js"
import { onStage, requireSame, type Stage } from "./stage.js"
import { describeFile } from "./torrent-file.js"
import type { Measurement, Sample } from "./transfers.js"

const MEBIBYTES = 512
const MIB = 1024 * 1024
const SEEDERS = 10
const MEGABYTES_PER_SECOND = 10
const SLOW_MEGABYTES_PER_SECOND = MEGABYTES_PER_SECOND / 50
const LEAST_SECONDS = (MEBIBYTES * MIB) / ((SEEDERS - 1) * MEGABYTES_PER_SECOND * 1e6)
const LOOK_MS = 50
const DOWNLOADED = /SUCCESSFUL DOWNLOAD/
const SEEDING = /"event":"list".*"state":"seeding"/
const LINE = ["--plain", "--json", "--seed"]

/** Ten seeders, of which one is slow, beside the nine others alone: what the slow one was asked for must not be waited for. */
export const slowPeer: readonly Measurement[] = [4, 16].map((partMebibytes) => ({
  name: `nine seeders of ${MEGABYTES_PER_SECOND} MB/s and a slow peer, ${MEBIBYTES} MiB in parts of ${partMebibytes} MiB (no less than ${LEAST_SECONDS.toFixed(2)} s)`,
  contenders: [
    { name: "the nine alone", run: () => onStage((stage) => fromSeeders(stage, partMebibytes, SEEDERS - 1)) },
    {
      name: `with a tenth of ${SLOW_MEGABYTES_PER_SECOND} MB/s`,
      goal: { of: "ratio", wall: 1.05 },
      run: () => onStage((stage) => fromSeeders(stage, partMebibytes, SEEDERS)),
    },
  ],
}))

async function fromSeeders(stage: Stage, partMebibytes: number, count: number): Promise<Sample> {
  const file = stage.sample("sample", MEBIBYTES)
  const torrentFile = stage.path("sample.torrent.json")
  describeFile(file, "sample", partMebibytes * MIB, torrentFile)
  const seeders: MeteredProgram[] = []
  const peers: string[] = []
  try {
    for (let number = 0; number < count; number++) {
      const port = await freePort()
      const rate = number === SEEDERS - 1 ? SLOW_MEGABYTES_PER_SECOND : MEGABYTES_PER_SECOND
      seeders.push(seederOn(stage, `seeder-${number}`, port, `${rate}MB/s`))
      peers.push(`127.0.0.1:${port}`)
    }
    for (const seeder of seeders) await untilSeeding(seeder)
    return await downloaded(stage, seeders, peers.join(","))
  } finally {
    for (const program of seeders) await program.kill()
  }
}

async function downloaded(stage: Stage, seeders: readonly MeteredProgram[], peers: string): Promise<Sample> {
  const downloader = stage.clientWith("downloader", { tracker: undefined, peers }, LINE)
  try {
    await downloader.line(/"event":"ready"/)
    const cost = await clocked(stage, MEBIBYTES, [downloader, ...seeders], () => {
      downloader.type(`download "${stage.path("sample.torrent.json")}" copy`)
      return downloader.line(DOWNLOADED)
    })
    requireSame(stage.path("sample"), stage.path("downloader", "copy"))
    const remark = `${(cost.wallSeconds / LEAST_SECONDS).toFixed(2)} times the least`
    return { ...cost, peakBytes: downloader.peakBytes, remark }
  } finally {
    await downloader.kill()
  }
}

/** It finds the document in its service folder. */
function seederOn(stage: Stage, name: string, port: number, upload: string): MeteredProgram {
  const self = { service: name, host: "127.0.0.1", port }
  mkdirSync(stage.path(name))
  linkSync(stage.path("sample"), stage.path(name, "sample"))
  linkSync(stage.path("sample.torrent.json"), stage.path(name, "sample.torrent.json"))
  return stage.clientWith(name, { self, tracker: undefined, limits: { upload } }, LINE)
}

async function untilSeeding(seeder: MeteredProgram): Promise<void> {
  for (let after = seeder.lines.length; ; after = seeder.lines.length) {
    seeder.type("list")
    if (SEEDING.test(await seeder.line(/"event":"list"/, after))) return
    await delay(LOOK_MS)
  }
}
