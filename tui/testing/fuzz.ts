/**
 * `npm run fuzz [minutes] [seed]`: a live seeder and tracker under a scripted hostile peer, while honest transfers run; 3 minutes
 * by default. The siege comes in waves, each of them when a transfer has begun. Exit status 1 when a program crashed, memory grew, the honest
 * transfer fell below 80 % of its rate, or handles of strangers were kept.
 */
import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { seededRandom } from "../../core/testing/seeded-random.js"
import { infoHash } from "../../core/torrent/info-hash.js"
import { createLengths } from "../../core/torrent/lengths.js"
import { parseTorrent } from "../../core/torrent/parse-torrent.js"
import { Playground } from "../e2e/playground.js"
import { trackerAttack } from "./hostile-caller.js"
import { peerAttack } from "./hostile-peer.js"
import { type Aim, besiege } from "./siege.js"
import { medianOf, thirds, Watch } from "./vitals.js"

const MIB = 1024 * 1024
const SAMPLE_MIB = 384
/** The honest client's own: a seeder's limit would be shared with hostile peers, which may request blocks like any peer. */
const DOWNLOAD_LIMIT = "24MiB/s"
const MIN_RATE_KEPT = 0.8
/** What a heap that is collected now and then may differ by. */
const MAX_GROWTH_MIB = 24
/** Handles that come and go by themselves: a log file, a connection to the tracker. */
const SPARE_HANDLES = 4
/** Every deadline toward strangers is shorter than this. */
const QUIET_AGAIN_MS = 60_000

const [minutes = 3, seed = Math.floor(Math.random() * 2 ** 32)] = process.argv.slice(2).map(Number)
const say = (line: string) => process.stdout.write(`${line}\n`)
say(`${minutes} minutes, seed ${seed}`)
const ground = await Playground.create()
const breaches: string[] = []
try {
  await fuzz()
} finally {
  await ground.close()
}
for (const breach of breaches) say(`BREACH: ${breach}`)
if (breaches.length > 0) process.exitCode = 1

async function fuzz(): Promise<void> {
  const content = randomBytes(SAMPLE_MIB * MIB)
  const tracker = await ground.tracker()
  const { seeder, port, torrentPath } = await startSeeder(content)
  const alone = await fetchRate(torrentPath, content, () => undefined)
  const watches = [new Watch("seeder", seeder), new Watch("tracker", tracker)]
  const handlesBefore = watches.map(({ handles }) => handles)

  const aim = aimAt(port, torrentPath)
  const random = seededRandom(seed + 1)
  const rates: number[] = []
  let attackCount = 0
  for (const endsAtMs = performance.now() + minutes * 60_000; performance.now() < endsAtMs; ) {
    const siege = new AbortController()
    let attacks: Promise<number> | undefined
    rates.push(
      await fetchRate(torrentPath, content, () => {
        attacks ??= besiege(aim, random, siege.signal)
      }),
    )
    siege.abort()
    attackCount += (await attacks) ?? 0
  }
  say(`${attackCount} attacks, and ${rates.length} honest transfers of ${SAMPLE_MIB} MiB meanwhile`)
  judgeRate(alone, medianOf(rates))
  for (const [index, watch] of watches.entries()) await judge(watch, handlesBefore[index] ?? 0)
}

async function startSeeder(content: Buffer) {
  const file = ground.path("sample")
  writeFileSync(file, content)
  const torrentPath = ground.path("sample.torrent.json")
  await ground.config("downloader", { limits: { download: DOWNLOAD_LIMIT } })
  const seeder = ground.client(await ground.config("seeder"), "--plain")
  const [, port] = /:(\d+)/.exec(await seeder.line(/^listening on/)) ?? []
  seeder.type(`upload --open "${file}" "${torrentPath}"`)
  await seeder.line(/^SUCCESSFUL UPLOAD$/)
  return { seeder, port: Number(port), torrentPath }
}

/** The two ports in turn, as chance will have it. */
function aimAt(port: number, torrentPath: string): () => Aim {
  const random = seededRandom(seed)
  const torrent = parseTorrent(readFileSync(torrentPath))
  const { partCount } = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  const target = { infoHash: infoHash(torrent), partCount }
  return () =>
    random() < 0.5
      ? { port, attack: peerAttack(target, random) }
      : { port: ground.trackerPort, attack: trackerAttack(torrent.hash, random) }
}

/** A client that downloads the sample anew. Returns its rate, MiB/s, from its start, which is reported. */
async function fetchRate(torrentPath: string, content: Buffer, onBegun: () => void): Promise<number> {
  const folder = ground.path("downloader")
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const client = ground.client(ground.path("downloader.json"), "download", torrentPath, "copy")
  const [, percent] = / ([1-9][\d.]*) % of /.exec(await client.line(/ [1-9][\d.]* % of /)) ?? []
  onBegun()
  const begunAtMs = performance.now()
  if ((await client.ended()) !== 0)
    throw new Error(`an honest transfer failed:\n${client.lines.join("\n")}\n${client.errors}`)
  const seconds = (performance.now() - begunAtMs) / 1_000
  if (!readFileSync(ground.path("downloader", "copy")).equals(content))
    throw new Error("the copy differs from the file")
  return (SAMPLE_MIB * (1 - Number(percent) / 100)) / seconds
}

function judgeRate(alone: number, besieged: number): void {
  const kept = besieged / alone
  say(`rate kept: ${(100 * kept).toFixed(0)} % (${alone.toFixed(1)} MiB/s alone, ${besieged.toFixed(1)} besieged)`)
  if (kept < MIN_RATE_KEPT) breaches.push(`the honest transfer kept ${kept.toFixed(2)} of its rate`)
}

async function judge(watch: Watch, handlesBefore: number): Promise<void> {
  const { name, program, samples } = watch
  const memory = thirds(samples.map(({ memoryMiB }) => memoryMiB))
  const mostHandles = Math.max(...samples.map(({ handles }) => handles))
  if (!program.isRunning) breaches.push(`the ${name} crashed:\n${program.errors}`)
  if (memory.last - memory.first > MAX_GROWTH_MIB) breaches.push(`the ${name}'s memory grew`)
  const handles = program.isRunning ? await handlesInTheEnd(watch, handlesBefore + SPARE_HANDLES) : 0
  if (handles > handlesBefore + SPARE_HANDLES) breaches.push(`the ${name} kept handles of strangers`)
  watch.stop()
  say(
    `${name}: memory ${memory.first.toFixed(0)} MiB in the first third, ${memory.last.toFixed(0)} in the last; ` +
      `handles ${handlesBefore} before, ${mostHandles} at most, ${handles} in the end`,
  )
  if (program.errors !== "") say(`${name} said:\n${program.errors.slice(0, 2_000)}`)
}

async function handlesInTheEnd(watch: Watch, enough: number): Promise<number> {
  for (const endsAtMs = performance.now() + QUIET_AGAIN_MS; performance.now() < endsAtMs; await delay(500))
    if (watch.handles <= enough) break
  return watch.handles
}
