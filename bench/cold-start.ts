import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { connect, createServer, type Server } from "node:net"
import { clientCommand, currentFolderOf } from "../tui/e2e/program.js"
import type { Goal } from "./goals.js"
import { MeteredProgram, plainEnvironment } from "./metered-program.js"
import { onStage, type Stage } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const MEBIBYTES = 256
const MIB = 1024 * 1024
/** More than a seeder says before its first block: that is here. A block is 16 KiB at least. */
const FIRST_BLOCK_BYTES = 16 * 1024

const GOAL: Goal = { of: "seconds", wall: 0.25, cpu: 0.35 }

/** Each is a process of its own, from its start. */
export const coldStart: Measurement = {
  name: "cold start: from exec to the first block of a single download",
  contenders: [
    { name: "node itself, to its end", run: () => untilEnd([process.execPath, "-e", "0"]) },
    { name: "p2p-tui --version, to its end", run: () => untilEnd(clientCommand("--version")) },
    { name: "p2p-tui download, open", goal: GOAL, run: () => untilFirstBlock(true) },
    { name: "p2p-tui download, private", goal: GOAL, run: () => untilFirstBlock(false) },
  ],
}

async function untilEnd(command: readonly string[]): Promise<Sample> {
  const startedAtMs = performance.now()
  const child = start(["bash", "-c", 'TIMEFORMAT="%U %S"; time "$@"', "bash", ...command])
  let said = ""
  child.stderr?.on("data", (chunk) => {
    said += String(chunk)
  })
  await once(child, "close")
  const wallSeconds = (performance.now() - startedAtMs) / 1_000
  const [user, system] = said.trim().split(" ").map(Number)
  return { wallSeconds, cpuSeconds: (user ?? 0) + (system ?? 0), peakBytes: 0 }
}

/** The downloader hears of the seeder under the address of a relay, which sees the first block pass. */
function untilFirstBlock(open: boolean): Promise<Sample> {
  return onStage(async (stage) => {
    const seedersTracker = await stage.tracker()
    writeFileSync(stage.path("sample"), "")
    truncateSync(stage.path("sample"), MEBIBYTES * MIB)
    const seeder = await hiddenSeeder(stage, open)
    const tracker = await stage.tracker()
    const relay = await Relay.to(await portOf(seeder))
    await announce(stage, relay.port)
    const config = stage.writeConfig("downloader", stage.trackerPort)
    const command = clientCommand(config, "download", stage.path("sample.torrent.json"), "copy")
    const startedAtMs = performance.now()
    const child = start(command)
    await Promise.race([relay.firstBlock, once(child, "exit").then(() => Promise.reject(new Error("it has ended")))])
    const wallSeconds = (performance.now() - startedAtMs) / 1_000
    const cost = { wallSeconds, cpuSeconds: cpuSecondsOf(child.pid), peakBytes: residentBytesOf(child.pid) }
    child.kill("SIGKILL")
    await once(child, "close")
    relay.close()
    for (const program of [seeder, seedersTracker, tracker]) await program.stop()
    return cost
  })
}

/** Serves the sample, and is not heard of on the local network. */
async function hiddenSeeder(stage: Stage, open: boolean): Promise<MeteredProgram> {
  const config = stage.writeConfig("seeder", stage.trackerPort, { lan: false })
  const seeder = new MeteredProgram(clientCommand(config, "--plain", "--json", "--seed"))
  seeder.type(`upload "${stage.path("sample")}" "${stage.path("sample.torrent.json")}"${open ? " --open" : ""}`)
  await seeder.line(/SUCCESSFUL UPLOAD/)
  return seeder
}

async function portOf(seeder: MeteredProgram): Promise<number> {
  return JSON.parse(await seeder.line(/"event":"ready"/)).port
}

function start(command: readonly string[]): ChildProcess {
  const [file = "", ...args] = command
  return spawn(file, args, { stdio: "pipe", env: plainEnvironment(), ...currentFolderOf(command) })
}

/** User and system seconds of the threads that a process has now, to the microsecond. Source: the kernel's sched-stats.rst, field 1 of schedstat. */
function cpuSecondsOf(pid: number | undefined): number {
  const folder = `/proc/${pid}/task`
  const nanoseconds = readdirSync(folder).map((task) =>
    Number(readFileSync(`${folder}/${task}/schedstat`, "utf8").split(" ")[0]),
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9
}

/** As the other benches count it: without mapped files. */
function residentBytesOf(pid: number | undefined): number {
  const [, kibibytes] = /RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
  return Number(kibibytes) * 1024
}

/** Registers the document of the stage at the downloader's tracker, with a peer at `port`. */
async function announce(stage: Stage, port: number): Promise<void> {
  const { FileInfo } = JSON.parse(readFileSync(stage.path("sample.torrent.json"), "utf8"))
  const answer = await fetch(`http://127.0.0.1:${stage.trackerPort}/hash`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ hash: FileInfo.Hash, listening_host: "127.0.0.1", listening_port: port }),
  })
  if (!answer.ok) throw new Error(`the tracker answered ${answer.status}: ${await answer.text()}`)
}

/** Passes bytes both ways, and tells when the first block has come from where it connects to. */
class Relay {
  readonly firstBlock: Promise<void>
  readonly #server: Server

  private constructor(target: number) {
    let tell = (): void => {}
    this.firstBlock = new Promise((resolve) => {
      tell = resolve
    })
    this.#server = createServer((caller) => {
      const called = connect(target, "127.0.0.1")
      let passed = 0
      called.on("data", (chunk) => {
        passed += chunk.length
        if (passed >= FIRST_BLOCK_BYTES) tell()
      })
      for (const socket of [caller, called]) socket.setNoDelay(true).on("error", () => {})
      caller.pipe(called).pipe(caller)
    })
  }

  static async to(target: number): Promise<Relay> {
    const relay = new Relay(target)
    relay.#server.listen(0, "127.0.0.1")
    await once(relay.#server, "listening")
    return relay
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === "object" ? (address?.port ?? 0) : 0
  }

  close(): void {
    this.#server.close()
  }
}
