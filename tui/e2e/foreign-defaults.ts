import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { spawn } from "@lydell/node-pty"
import { areInstalled } from "./foreign-programs.js"
import type { Program } from "./program.js"
import type { TestHost } from "./test-network.js"

/** Foreign BitTorrent clients as they come: no option but what names the torrent, the folder and the part the client plays. */
export type ForeignName = "aria2" | "transmission" | "rtorrent"
export const FOREIGN_NAMES: readonly ForeignName[] = ["aria2", "transmission", "rtorrent"]

export interface ForeignStart {
  readonly host: TestHost
  /** Holds sample.bin, or will. */
  readonly folder: string
  readonly metainfo: string
  /** The whole file is in the folder. */
  readonly seeds: boolean
  readonly run: (command: readonly string[]) => Program
  readonly path: (...names: readonly string[]) => string
}

export interface RunningForeign {
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>
}

export interface ForeignClient {
  readonly isInstalled: boolean
  /** Starts the same program again after a kill; it resumes from the folder. */
  start(options: ForeignStart): Promise<RunningForeign>
}

export function foreignClient(name: ForeignName): ForeignClient {
  switch (name) {
    case "aria2":
      return { isInstalled: areInstalled("aria2c"), start: startAria2 }
    case "transmission":
      return {
        isInstalled: areInstalled("transmission-daemon", "transmission-remote"),
        start: startTransmission,
      }
    case "rtorrent":
      return { isInstalled: areInstalled("rtorrent"), start: startRtorrent }
  }
}

async function startAria2({ host, folder, metainfo, seeds, run }: ForeignStart): Promise<RunningForeign> {
  // aria2 serves a file that is there already only after a check of it.
  const check = seeds ? ["--check-integrity=true", "--seed-ratio=0.0"] : []
  return killable(run(host.command(["aria2c", "--no-conf", `--dir=${folder}`, ...check, metainfo])))
}

/** Where transmission takes orders, and no peers. */
export const FOREIGN_RPC_PORT = 9091

async function startTransmission({ host, folder, metainfo, seeds, run, path }: ForeignStart): Promise<RunningForeign> {
  const config = path("transmission")
  const isFirst = !existsSync(config)
  await mkdir(config, { recursive: true })
  // Killed soon after a torrent was added, it forgets the folder that was named then.
  const command = ["transmission-daemon", "--foreground", "--config-dir", config, "--download-dir", folder]
  const daemon = run(host.command(withErrors(command)))
  await daemon.line(/Started listening on|Serving RPC/)
  // A seed that was killed before it had saved what it has takes its file for missing until a recheck.
  const words = isFirst ? ["--add", metainfo, "--download-dir", folder] : seeds ? ["--torrent", "all", "--verify"] : []
  if (words.length > 0) {
    const remote = run(host.command(["transmission-remote", `127.0.0.1:${FOREIGN_RPC_PORT}`, ...words]))
    if ((await remote.ended()) !== 0) throw new Error(`transmission did not take the torrent: ${remote.errors}`)
  }
  return killable(daemon)
}

/** rtorrent needs a terminal. */
async function startRtorrent({ host, folder, metainfo, path }: ForeignStart): Promise<RunningForeign> {
  const [file = "", ...args] = host.command(["rtorrent", "-n", "-d", folder, metainfo])
  const env = { PATH: process.env["PATH"] ?? "", HOME: path(), TERM: "xterm" }
  const pty = spawn(file, args, { cols: 100, rows: 30, name: "xterm", env })
  const exited = new Promise<void>((resolve) => {
    pty.onExit(() => resolve())
  })
  return {
    kill: () => {
      pty.kill("SIGKILL")
      return exited
    },
  }
}

/** Some programs talk on stderr: this brings both on one stream. `exec` keeps the pid. */
const withErrors = (command: readonly string[]): readonly string[] => ["sh", "-c", 'exec "$@" 2>&1', "sh", ...command]

function killable(program: Program): RunningForeign {
  return { kill: () => program.destroy() }
}
