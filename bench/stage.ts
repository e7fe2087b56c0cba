import { execFileSync, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { freePort } from "../core/testing/free-port.js"
import { trackerCommand, watchedClientCommand } from "../tui/e2e/program.js"
import { ProgramFolder } from "../tui/e2e/program-folder.js"
import { MeteredProgram } from "./metered-program.js"

const BARE_PIPE = fileURLToPath(new URL("./bare-pipe.js", import.meta.url))
const MIB = 1024 * 1024

/** What is moved: a file of so many MiB, or a folder of so many files of so many KiB. */
export type Load = number | { readonly files: number; readonly kibibytes: number }

export const mebibytesOf = (load: Load) => (typeof load === "number" ? load : (load.files * load.kibibytes) / 1024)

/** A folder for one measurement, and the programs that run in it. */
export class Stage extends ProgramFolder {
  #trackerPort = 0

  constructor() {
    super("bench")
  }

  /** Where its latest tracker listens. */
  get trackerPort(): number {
    return this.#trackerPort
  }

  /** An empty folder. */
  folder(name: string): string {
    mkdirSync(this.path(name))
    return this.path(name)
  }

  /** A file of random bytes, or a folder of such files. */
  sample(name: string, load: Load): string {
    const path = this.path(name)
    if (typeof load === "object") return this.#sampleFolder(path, load)
    const mebibytes = load
    const fd = openSync(path, "w")
    for (let written = 0; written < mebibytes; written++) writeSync(fd, randomBytes(MIB))
    // Or the disk would still be at it while others are measured.
    fsyncSync(fd)
    closeSync(fd)
    return path
  }

  /** A hundred files in each folder. */
  #sampleFolder(path: string, { files, kibibytes }: Exclude<Load, number>): string {
    for (let file = 0; file < files; file++) {
      const folder = join(path, `folder-${Math.floor(file / 100)}`)
      if (file % 100 === 0) mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, `file-${file}`), randomBytes(kibibytes * 1024))
    }
    execFileSync("sync", ["--file-system", path])
    return path
  }

  /**
   * Writes and deletes a file of so many MiB and half a GiB more. Some virtual machines give free memory back to their host, and taking it
   * again costs system time; without this the first to write pays for it.
   */
  touchMemory(mebibytes: number): void {
    const path = this.path("touched")
    execFileSync("dd", ["if=/dev/zero", `of=${path}`, "bs=1M", `count=${Math.ceil(mebibytes) + 512}`, "status=none"])
    rmSync(path)
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
    return this.clientWith(name, { limits }, args, nodeOptions)
  }

  /** The same with these keys in its config; `undefined` leaves one out. */
  clientWith(
    name: string,
    keys: Readonly<Record<string, unknown>>,
    args: readonly string[],
    nodeOptions: readonly string[] = [],
  ): MeteredProgram {
    const config = this.writeConfig(name, this.#trackerPort, keys)
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
    return new MeteredProgram(this.barePipeCommand(...words))
  }

  barePipeCommand(...words: readonly string[]): readonly string[] {
    return [process.execPath, BARE_PIPE, ...words]
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

/** Both files or folders must hold the same bytes: a fast transfer of something else is no transfer. */
export function requireSame(a: string, b: string): void {
  execFileSync("diff", ["--recursive", "--brief", a, b])
}
