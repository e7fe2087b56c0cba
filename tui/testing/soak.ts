/**
 * `npm run soak [minutes] [seed]`: clients come, go and are killed, the tracker restarts, while a seeder and a client that
 * fetches and forgets live on; 30 minutes by default. Exit status 1 when handles, timers or memory of those two
 * rise (least squares over each minute's lowest look), or a finished file is not exact.
 */
import { randomBytes } from "node:crypto"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import type { Random } from "../../core/base/clock.js"
import { seededRandom } from "../../core/testing/seeded-random.js"
import { Playground } from "../e2e/playground.js"
import type { Program } from "../e2e/program.js"
import { Churner, type ChurnFigures, type Samples } from "./churn.js"
import { Resident } from "./resident.js"

const MIB = 1024 * 1024
const CHURNERS = 3
const LOOK_MS = 5_000

const [minutes = 30, seed = Math.floor(Math.random() * 2 ** 32)] = process.argv.slice(2).map(Number)
const say = (line: string) => process.stdout.write(`${line}\n`)
say(`${minutes} minutes, seed ${seed}`)
const ground = await Playground.create()
const figures: ChurnFigures = { clients: 0, killed: 0, exact: 0, faults: [] }
try {
  await soak()
} finally {
  await ground.close()
}
for (const fault of figures.faults) say(`FAULT: ${fault}`)
if (figures.faults.length > 0) process.exitCode = 1

async function soak(): Promise<void> {
  const over = new AbortController()
  const tracker = await ground.trackerIfNone()
  const seeder = await Resident.start(ground, "seeder", { upload: "24MiB/s" })
  const samples = await upload(seeder.program)
  const worker = await Resident.start(ground, "worker", {})
  const churners = Array.from(
    { length: CHURNERS },
    (_, index) =>
      new Churner(ground, { name: `churner-${index}`, samples, random: seededRandom(seed + 1 + index), figures }),
  )
  const going = Promise.all([
    fetchAndForget(worker.program, samples, over.signal),
    watch([seeder, worker], over.signal),
    ...churners.map((churner) => churner.run(over.signal)),
  ])
  // To the very end: the last clients need a tracker, too.
  const noClients = new AbortController()
  const restarting = restartTracker(tracker, seededRandom(seed), noClients.signal)
  await Promise.race([delay(minutes * 60_000), going, restarting])
  over.abort()
  await going
  noClients.abort()
  await restarting
  say(
    `${figures.clients} clients came, ${figures.killed} were killed; ${figures.exact} files came to their end, each exact`,
  )
  for (const resident of [seeder, worker]) {
    const { lines, faults } = resident.judge()
    for (const line of lines) say(line)
    figures.faults.push(...faults)
  }
}

async function upload(seeder: Program): Promise<Samples> {
  const share = async (name: string, mebibytes: number) => {
    const content = randomBytes(mebibytes * MIB)
    const torrentPath = ground.path(`${name}.torrent.json`)
    writeFileSync(ground.path(name), content)
    const before = seeder.lines.length
    seeder.type(`upload "${ground.path(name)}" "${torrentPath}"`)
    await seeder.line(/^SUCCESSFUL UPLOAD$/, before)
    return { name, torrentPath, content }
  }
  return [await share("small", 3), await share("medium", 12), await share("large", 48)]
}

/** Ended in order or killed, now and then, and started again. */
async function restartTracker(first: Program, random: Random, signal: AbortSignal): Promise<void> {
  for (let tracker = first; !signal.aborted; tracker = await ground.trackerIfNone()) {
    // One that ended because a client had its own is wanted as soon as that client has left.
    const seconds = tracker.isRunning ? 20 + 40 * random() : 3
    await delay(seconds * 1_000, undefined, { signal }).catch(() => undefined)
    tracker.kill(random() < 0.5 ? "SIGKILL" : "SIGTERM")
    await tracker.ended()
    await delay(3_000 * random())
  }
}

/** One client that fetches every sample, removes it, and begins anew. */
async function fetchAndForget(worker: Program, samples: Samples, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    const { name, torrentPath, content } = samples[turn % samples.length] ?? samples[0]
    const before = worker.lines.length
    worker.type(`download "${torrentPath}" "${name}"`)
    await worker.line(/^SUCCESSFUL DOWNLOAD$/, before)
    if (readFileSync(ground.path("worker", name)).equals(content)) figures.exact++
    else figures.faults.push(`the worker's ${name} is not exact`)
    await delay(2_000)
    worker.type(`remove ${name}`)
    await worker.line(/removed/, before)
    rmSync(ground.path("worker", name), { force: true })
    await delay(3_000)
  }
}

async function watch(residents: readonly Resident[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined)
    for (const resident of residents) resident.look()
  }
}
