import { freePort } from "../core/testing/free-port.js"
import { watchedClientCommand } from "../tui/e2e/program.js"
import { clocked, clockedPipe } from "./clocked.js"
import { canMakeDelayedLine, DelayedLine, type LineEnd } from "./delayed-line.js"
import { MeteredProgram } from "./metered-program.js"
import { onStage, requireSame, type Stage } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const MEBIBYTES = 256
const MIB = 1024 * 1024
const LINE = ["--plain", "--json", "--seed"]
const DOWNLOADED = /SUCCESSFUL DOWNLOAD/

/** One connection over a line that delays and limits nothing: it is as fast as the kernel's socket buffers let one connection be. */
export const farSockets: readonly Measurement[] = [50, 200].map((roundTripMs) => ({
  name: `a delaying line, ${MEBIBYTES} MiB over one connection, round trip ${roundTripMs} ms`,
  contenders: [
    { name: "bare Node pipe", isPresent: canMakeDelayedLine, run: () => onLine(roundTripMs, barePipe) },
    {
      name: "p2p-tui",
      goal: { of: "ratio", wall: 1.1 },
      isPresent: canMakeDelayedLine,
      run: () => onLine(roundTripMs, ours),
    },
  ],
}))

type Ends = DelayedLine["ends"]

function onLine(roundTripMs: number, scene: (stage: Stage, ends: Ends) => Promise<Sample>): Promise<Sample> {
  return onStage(async (stage) => {
    const line = await DelayedLine.open(roundTripMs)
    try {
      const sample = await scene(stage, line.ends)
      return { ...sample, remark: `${((MEBIBYTES * MIB) / sample.wallSeconds / 1e6).toFixed(1)} MB/s` }
    } finally {
      await line.close()
    }
  })
}

async function barePipe(stage: Stage, [near, far]: Ends): Promise<Sample> {
  const file = stage.sample("sample", MEBIBYTES)
  const port = String(await freePort())
  const seeder = new MeteredProgram(far.command(stage.barePipeCommand("seed", file, `${far.address}:${port}`)))
  const fetcher = new MeteredProgram(
    near.command(stage.barePipeCommand("fetch", `${far.address}:${port}`, stage.path("copy"))),
  )
  try {
    await seeder.line(/listening/)
    await fetcher.line(/ready/)
    return await clockedPipe(stage, MEBIBYTES, file, [fetcher, seeder])
  } finally {
    for (const program of [fetcher, seeder]) await program.kill()
  }
}

async function ours(stage: Stage, [near, far]: Ends): Promise<Sample> {
  const file = stage.sample("sample", MEBIBYTES)
  const torrentFile = stage.path("sample.torrent.json")
  const port = await freePort()
  const seeder = clientAt(stage, far, "seeder", { port })
  const downloader = clientAt(stage, near, "downloader", { peers: `${far.address}:${port}` })
  try {
    seeder.type(`upload "${file}" "${torrentFile}" --open`)
    await seeder.line(/SUCCESSFUL UPLOAD/)
    await downloader.line(/"event":"ready"/)
    const cost = await clocked(stage, MEBIBYTES, [downloader, seeder], () => {
      downloader.type(`download "${torrentFile}" copy`)
      return downloader.line(DOWNLOADED)
    })
    requireSame(file, stage.path("downloader", "copy"))
    return cost
  } finally {
    for (const program of [downloader, seeder]) await program.kill()
  }
}

interface Keys {
  readonly port?: number
  readonly peers?: string
}

function clientAt(stage: Stage, end: LineEnd, name: string, { port = 0, peers }: Keys): MeteredProgram {
  const self = { service: name, host: end.address, port }
  const config = stage.writeConfig(name, 0, { self, tracker: undefined, lan: false, peers })
  return new MeteredProgram(end.command(watchedClientCommand([], config, ...LINE)))
}
