import { fileURLToPath } from "node:url"
import { LOOP_DELAY, loopDelay } from "./loop-delays.js"
import { MeteredProgram } from "./metered-program.js"
import { isInstalled, onStage, type Stage } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const ONE_THREAD = fileURLToPath(new URL("./one-thread-hash.js", import.meta.url))
const MEBIBYTES = 1_024

/** Creating a torrent: every byte is read and hashed. */
export const creation: Measurement = {
  name: "creating the torrent of a 1 GiB file",
  contenders: [
    { name: "one thread: read, SHA-1 per MiB", run: () => inFile((stage) => oneThread(stage)) },
    { name: "p2p-tui upload", run: () => inFile((stage) => upload(stage)) },
    {
      name: "mktorrent -t 2",
      isPresent: () => isInstalled("mktorrent"),
      run: () => inFile((stage) => mktorrent(stage)),
    },
  ],
}

function inFile(measure: (stage: Stage) => Promise<Sample>): Promise<Sample> {
  return onStage((stage) => {
    stage.sample("sample", MEBIBYTES)
    return measure(stage)
  })
}

/** The start of the process is not counted. */
async function oneThread(stage: Stage): Promise<Sample> {
  const program = new MeteredProgram([process.execPath, ONE_THREAD, stage.path("sample")])
  const [, seconds] = /^hashed in ([\d.]+) s$/.exec(await program.line(/^hashed in/)) ?? []
  return { ...(await program.ended()), wallSeconds: Number(seconds) }
}

/** In a client that runs: from the command to its answer. */
async function upload(stage: Stage): Promise<Sample> {
  const tracker = await stage.tracker()
  const client = stage.client("seeder", ["--plain", "--json", "--seed"], {}, ["--import", LOOP_DELAY])
  await client.line(/"event":"ready"/)
  await loopDelay(client)
  const before = client.cpuSecondsSoFar
  const startedAtMs = performance.now()
  client.type(`upload "${stage.path("sample")}" "${stage.path("sample.torrent.json")}"`)
  await client.line(/SUCCESSFUL UPLOAD/)
  const wallSeconds = (performance.now() - startedAtMs) / 1_000
  const { p99Ms } = await loopDelay(client)
  const cost = await client.stop()
  await tracker.stop()
  return { ...cost, cpuSeconds: cost.cpuSeconds - before, wallSeconds, remark: `loop delay p99 ${p99Ms} ms` }
}

async function mktorrent(stage: Stage): Promise<Sample> {
  const words = ["-t", "2", "-l", "20", "-a", "http://127.0.0.1/announce", "-o", stage.path("sample.torrent")]
  return new MeteredProgram(["mktorrent", ...words, stage.path("sample")]).ended()
}
