import { execFileSync, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { freePort } from "../core/testing/free-port.js"
import { trackerCommand, watchedClientCommand } from "../tui/e2e/program.js"
import { ProgramFolder } from "../tui/e2e/program-folder.js"
import { MeteredProgram } from "./metered-program.js"

const BARE_PIPE = fileURLToPath(new URL("./bare-pipe.js", import.meta.url))
const MIB = 1024 * 1024

/** A folder for one measurement, and the programs that run in it. */
export class Stage extends ProgramFolder {
  #trackerPort = 0

  constructor() {
    super("bench")
  }

  /** An empty folder. */
  folder(name: string): string {
    mkdirSync(this.path(name))
    return this.path(name)
  }

  /** A file of random bytes. */
  sample(name: string, mebibytes: number): string {
    const path = this.path(name)
    const fd = openSync(path, "w")
    for (let written = 0; written < mebibytes; written++) writeSync(fd, randomBytes(MIB))
    // Or the disk would still be at it while others are measured.
    fsyncSync(fd)
    closeSync(fd)
    return path
  }

  /** Starts a tracker that keeps nothing; its cost is not measured. */
  async tracker(): Promise<MeteredProgram> {
    this.#trackerPort = await freePort()
    const port = String(this.#trackerPort)
    const tracker = new MeteredProgram(trackerCommand("--store", "memory", "127.0.0.1", port))
    await tracker.line(/listens on/)
    return tracker
  }

  /** Starts a client in a service folder of its own, with options for Node itself where it is watched from inside. */
  client(
    name: string,
    args: readonly string[],
    limits: Readonly<Record<string, string>> = {},
    nodeOptions: readonly string[] = [],
  ): MeteredProgram {
    const config = this.writeConfig(name, this.#trackerPort, { limits })
    return new MeteredProgram(watchedClientCommand(nodeOptions, config, ...args))
  }

  /** Starts a client that has uploaded `file`, as an open or a private document, and serves it. */
  async seeder(file: string, limits: Readonly<Record<string, string>> = {}, open = true): Promise<MeteredProgram> {
    const seeder = this.client("seeder", ["--plain", "--json", "--seed"], limits)
    seeder.type(`upload "${file}" "${this.path("sample.torrent.json")}"${open ? " --open" : ""}`)
    await seeder.line(/SUCCESSFUL UPLOAD/)
    return seeder
  }

  /** The standard metainfo file of what the seeder serves. */
  async metainfo(): Promise<string> {
    const path = this.path("sample.torrent")
    await this.client("exporter", ["export", this.path("sample.torrent.json"), path]).ended()
    return path
  }

  barePipe(...words: readonly string[]): MeteredProgram {
    return new MeteredProgram([process.execPath, BARE_PIPE, ...words])
  }

  /** Empties a service folder, so that the next run begins anew. */
  forget(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true })
  }

  close(): void {
    this.remove()
  }
}

/** Runs `scene` on a stage of its own, and clears it away whatever happens. */
export async function onStage<T>(scene: (stage: Stage) => Promise<T>): Promise<T> {
  const stage = new Stage()
  try {
    return await scene(stage)
  } finally {
    stage.close()
  }
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined
}

/** Both files must hold the same bytes: a fast transfer of something else is no transfer. */
export function requireSame(a: string, b: string): void {
  execFileSync("cmp", [a, b])
}
