import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { freePort } from "../core/testing/free-port.js"
import { ARIA2_DONE, aria2 } from "./aria2.js"
import { clocked, clockedPipe, less, startTogether, together } from "./clocked.js"
import type { Goal } from "./goals.js"
import { hasLibtorrent, LIBTORRENT_DONE, LIBTORRENT_READY, LIBTORRENT_SENT, libtorrent } from "./libtorrent.js"
import { type Cost, MeteredProgram } from "./metered-program.js"
import { nginx } from "./nginx.js"
import { isInstalled, type Load, mebibytesOf, onStage, requireSame, type Stage } from "./stage.js"

/** One run: wall seconds of the transfer alone, CPU seconds of all processes that moved bytes, the largest one's memory. */
export interface Sample extends Cost {
  /** How late the event loop was at most, where it was watched. */
  readonly loopMs?: number
  readonly remark?: string
}

export interface Contender {
  readonly name: string
  readonly goal?: Goal
  /** False where what it needs is not installed. */
  isPresent?(): boolean
  run(): Promise<Sample>
}

export interface Measurement {
  readonly name: string
  /** The first is what the others are held against. */
  readonly contenders: readonly Contender[]
}

/** Of the bare Node pipe, plain or TLS, for one to one. */
const NEAR_THE_PIPE: Goal = { of: "ratio", wall: 1.1, cpu: 1.1 }
/** Of libtorrent tuned in the same turns. */
const AS_LIBTORRENT: Goal = { of: "ratio", wall: 1.0, cpu: 1.0 }
/** The same where programs run so briefly that V8's first compiler does most of the work. */
const NEAR_LIBTORRENT: Goal = { of: "ratio", wall: 1.1, cpu: 1.1 }

const DOWNLOADED = /SUCCESSFUL DOWNLOAD/
const MIB = 1024 * 1024

export const measurements: readonly Measurement[] = [
  {
    name: "one seeder, one downloader, 1 GiB",
    contenders: [
      { name: "bare Node pipe", run: () => barePipe(1_024) },
      { name: "p2p-tui", goal: NEAR_THE_PIPE, run: () => ours(1_024, 1) },
      {
        name: "p2p-tui to aria2 (16 KiB blocks)",
        isPresent: () => isInstalled("aria2c"),
        run: () => oursToAria2(1_024),
      },
      {
        name: "aria2 to p2p-tui (16 KiB blocks)",
        isPresent: () => isInstalled("aria2c"),
        run: () => aria2ToOurs(1_024),
      },
      { name: "aria2 to aria2", isPresent: () => isInstalled("aria2c"), run: () => aria2Only(1_024) },
      { name: "libtorrent 2, tuned, TCP", isPresent: hasLibtorrent, run: () => libtorrentOnly(1_024, 1) },
      {
        name: "plain HTTP: nginx to curl (no check)",
        isPresent: () => isInstalled("nginx"),
        run: () => plainHttp(1_024),
      },
    ],
  },
  {
    name: "one seeder, one downloader, 1 GiB, private (TLS 1.3, pre-shared key)",
    contenders: [
      { name: "bare Node TLS pipe", run: () => barePipe(1_024, ["tls"]) },
      { name: "p2p-tui, private", goal: NEAR_THE_PIPE, run: () => ours(1_024, 1, {}, "private") },
    ],
  },
  { name: "one seeder, four downloaders, 1 GiB", contenders: besideLibtorrent(1_024, 4, AS_LIBTORRENT) },
  { name: "one seeder, four downloaders, 256 MiB", contenders: besideLibtorrent(256, 4, NEAR_LIBTORRENT) },
  { name: "one seeder, eight downloaders, 256 MiB", contenders: besideLibtorrent(256, 8, NEAR_LIBTORRENT) },
  {
    name: "a folder of 10,000 files of 16 KiB",
    contenders: besideLibtorrent({ files: 10_000, kibibytes: 16 }, 1, AS_LIBTORRENT),
  },
  {
    name: "a folder of 100 files of 10 MiB",
    contenders: besideLibtorrent({ files: 100, kibibytes: 10_240 }, 1, AS_LIBTORRENT),
  },
  {
    name: "one seeder limited to 32 MB/s, four downloaders, 256 MiB (no less than 8.39 s)",
    contenders: [
      { name: "libtorrent 2, tuned, TCP", isPresent: hasLibtorrent, run: () => libtorrentOnly(256, 4, 32_000_000) },
      { name: "p2p-tui", run: () => ours(256, 4, { upload: "32MB/s" }) },
    ],
  },
]

function besideLibtorrent(load: Load, downloaders: number, goal: Goal): readonly Contender[] {
  return [
    { name: "libtorrent 2, tuned, TCP", isPresent: hasLibtorrent, run: () => libtorrentOnly(load, downloaders) },
    { name: "p2p-tui", goal, run: () => ours(load, downloaders) },
  ]
}

function barePipe(mebibytes: number, more: readonly string[] = []): Promise<Sample> {
  return onStage(async (stage) => {
    const file = stage.sample("sample", mebibytes)
    const port = String(await freePort())
    const seeder = stage.barePipe("seed", file, port, ...more)
    await seeder.line(/listening/)
    const fetcher = stage.barePipe("fetch", port, stage.path("copy"), ...more)
    await fetcher.line(/ready/)
    return clockedPipe(stage, mebibytes, file, [fetcher, seeder])
  })
}

/** From the command, typed to clients that run, to the last one's last byte. The seeder's hashing before is not counted. */
function ours(
  load: Load,
  downloaders: number,
  limits: Readonly<Record<string, string>> = {},
  kind: "open" | "private" = "open",
): Promise<Sample> {
  return onStage(async (stage) => {
    const tracker = await stage.tracker()
    const file = stage.sample("sample", load)
    const seeder = await stage.seeder(file, limits, kind === "open")
    const names = Array.from({ length: downloaders }, (_, index) => `downloader-${index}`)
    const clients = await startTogether(
      names.map((name) => () => stage.client(name, ["--plain", "--json", "--seed"])),
      /"event":"ready"/,
    )
    const cost = await clockedAtOnce(stage, load, [seeder, ...clients.programs], async (client) => {
      client.type(`download "${stage.path("sample.torrent.json")}" copy`)
      await client.line(DOWNLOADED)
    })
    for (const name of names) requireSame(file, stage.path(name, "copy"))
    const copies = await copiesSent(seeder, mebibytesOf(load))
    for (const program of [...clients.programs, seeder, tracker]) await program.stop()
    return { ...cost, remark: remarkOf(clients.startRemark, downloaders, copies) }
  })
}

/** What a seeder in line mode has sent, in files: 1.00 is every byte once. */
export async function copiesSent(seeder: MeteredProgram, mebibytes: number): Promise<string> {
  seeder.type("list")
  const [, bytes] = /"uploaded_bytes":(\d+)/.exec(await seeder.line(/"event":"list"/)) ?? []
  return (Number(bytes) / (mebibytes * MIB)).toFixed(2)
}

function oursToAria2(mebibytes: number): Promise<Sample> {
  return onStage(async (stage) => {
    const tracker = await stage.tracker()
    const file = stage.sample("sample", mebibytes)
    const seeder = await stage.seeder(file)
    const metainfo = await stage.metainfo()
    const before = seeder.cpuSecondsSoFar
    const startedAtMs = performance.now()
    const downloader = aria2(metainfo, stage.path("aria2"), ["--seed-ratio=0.0"])
    await downloader.line(ARIA2_DONE)
    const wallSeconds = (performance.now() - startedAtMs) / 1_000
    const cost = await downloader.stop()
    requireSame(file, stage.path("aria2", "sample"))
    const seeding = await seeder.stop()
    await tracker.stop()
    return together(wallSeconds, [cost, less(seeding, before)])
  })
}

function aria2ToOurs(mebibytes: number): Promise<Sample> {
  return fromAria2(mebibytes, (stage) => ({
    downloader: stage.client("downloader", ["--seed", "download", stage.path("sample.torrent.json"), "copy"]),
    done: DOWNLOADED,
    copy: stage.path("downloader", "copy"),
  }))
}

function aria2Only(mebibytes: number): Promise<Sample> {
  return fromAria2(mebibytes, (stage, metainfo) => ({
    downloader: aria2(metainfo, stage.path("aria2"), ["--seed-ratio=0.0"]),
    done: ARIA2_DONE,
    copy: stage.path("aria2", "sample"),
  }))
}

/** aria2 seeds what one of our clients has hashed and registered; `begin` starts the downloader. */
function fromAria2(
  mebibytes: number,
  begin: (stage: Stage, metainfo: string) => { downloader: MeteredProgram; done: RegExp; copy: string },
): Promise<Sample> {
  return onStage(async (stage) => {
    const tracker = await stage.tracker()
    const file = stage.sample("sample", mebibytes)
    await (await stage.seeder(file)).stop()
    const metainfo = await stage.metainfo()
    const seeder = aria2(metainfo, stage.root, ["--seed-ratio=0.0", "--check-integrity=true"])
    await seeder.line(ARIA2_DONE)
    await toldTheTracker()
    const before = seeder.cpuSecondsSoFar
    const startedAtMs = performance.now()
    const { downloader, done, copy } = begin(stage, metainfo)
    await downloader.line(done)
    const wallSeconds = (performance.now() - startedAtMs) / 1_000
    const cost = await downloader.stop()
    requireSame(file, copy)
    const seeding = await seeder.stop()
    await tracker.stop()
    return together(wallSeconds, [cost, less(seeding, before)])
  })
}

/** aria2 and libtorrent say nowhere when they have announced themselves; it takes them a moment. */
const toldTheTracker = () => delay(2_000)

/** libtorrent on both ends, on what one of our clients has hashed and registered. */
function libtorrentOnly(load: Load, downloaders: number, uploadLimit = 0): Promise<Sample> {
  return onStage(async (stage) => {
    const tracker = await stage.tracker()
    const file = stage.sample("sample", load)
    await (await stage.seeder(file)).stop()
    const metainfo = await stage.metainfo()
    const seeder = libtorrent(metainfo, stage.root, "seed", uploadLimit)
    await seeder.line(LIBTORRENT_READY)
    await toldTheTracker()
    const folders = Array.from({ length: downloaders }, (_, index) => stage.folder(`libtorrent-${index}`))
    const clients = await startTogether(
      folders.map((folder) => () => libtorrent(metainfo, folder, "fetch")),
      LIBTORRENT_READY,
    )
    const cost = await clockedAtOnce(stage, load, [seeder, ...clients.programs], async (client) => {
      client.type("begin")
      await client.line(LIBTORRENT_DONE)
    })
    seeder.type("sent")
    const [, sent] = LIBTORRENT_SENT.exec(await seeder.line(LIBTORRENT_SENT)) ?? []
    for (const client of clients.programs) await client.stop()
    for (const folder of folders) requireSame(file, join(folder, "sample"))
    await seeder.stop()
    await tracker.stop()
    const copies = (Number(sent) / (mebibytesOf(load) * MIB)).toFixed(2)
    return { ...cost, remark: remarkOf(clients.startRemark, downloaders, copies) }
  })
}

/** Runs `transfer` on all downloaders at once, and counts the seeder's cost too. */
function clockedAtOnce(
  stage: Stage,
  load: Load,
  [seeder, ...downloaders]: readonly [MeteredProgram, ...MeteredProgram[]],
  transfer: (downloader: MeteredProgram) => Promise<void>,
): Promise<Cost> {
  const mebibytes = mebibytesOf(load) * downloaders.length
  return clocked(stage, mebibytes, [seeder, ...downloaders], () => Promise.all(downloaders.map(transfer)))
}

function remarkOf(startRemark: string, downloaders: number, copies: string): string {
  return downloaders > 1 ? `${copies} copies` : startRemark
}

function plainHttp(mebibytes: number): Promise<Sample> {
  return onStage(async (stage) => {
    const file = stage.sample("sample", mebibytes)
    const server = await nginx(stage.root)
    const before = server.program.cpuSecondsSoFar
    const client = await new MeteredProgram(["curl", "-s", "-o", stage.path("copy"), `${server.url}/sample`]).ended()
    requireSame(file, stage.path("copy"))
    return together(client.wallSeconds, [client, less(await server.program.stop(), before)])
  })
}
