import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"

/** Whether this user may mount a file system that only its own programs see (util-linux, root). */
export const canMountDisk =
  spawnSync("unshare", ["--mount", "sh", "-c", "mount -t tmpfs none /mnt && command -v nsenter"]).status === 0

/** Name of the file that takes the room. */
const FILLER = "filler"

/**
 * A file system of a given size on a folder. It is mounted in a mount namespace of its own, so nothing outside changes, and it goes with
 * `close`; programs started by `wrap` see it.
 */
export class SmallDisk {
  readonly #folder: string
  readonly #keeper: ChildProcess

  private constructor(folder: string, keeper: ChildProcess) {
    this.#folder = folder
    this.#keeper = keeper
  }

  /** `folder` is made where it is missing; what it holds is hidden. */
  static async mount(folder: string, sizeBytes: number): Promise<SmallDisk> {
    mkdirSync(folder, { recursive: true })
    const script = 'mount -t tmpfs -o "size=$1" none "$2" && echo mounted && exec cat'
    const args = ["--mount", "sh", "-c", script, "sh", String(sizeBytes), folder]
    const keeper = spawn("unshare", args, { stdio: ["pipe", "pipe", "inherit"] })
    await Promise.race([
      once(keeper.stdout, "data"),
      once(keeper, "exit").then(() => Promise.reject(new Error(`no file system could be mounted on ${folder}`))),
    ])
    return new SmallDisk(folder, keeper)
  }

  /** The command that runs `command` where the disk is seen. The program has the process id of what is started. */
  wrap(command: readonly string[]): readonly string[] {
    return ["nsenter", `--mount=/proc/${this.#keeper.pid}/ns/mnt`, "--", ...command]
  }

  /** Where a test finds a file of this disk. */
  path(...names: readonly string[]): string {
    return `/proc/${this.#keeper.pid}/root${join(this.#folder, ...names)}`
  }

  /** Takes all the room there is but for `leftBytes`, rounded to pages of memory. */
  fill(leftBytes = 0): void {
    const page = Buffer.alloc(4096, "f")
    const fd = openSync(this.path(FILLER), "a")
    let taken = 0
    try {
      for (;;) taken += writeSync(fd, page)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error
    } finally {
      closeSync(fd)
    }
    if (leftBytes > 0) spawnSync("truncate", ["-s", String(Math.max(0, taken - leftBytes)), this.path(FILLER)])
  }

  /** Gives back all that `fill` took. */
  free(): void {
    rmSync(this.path(FILLER), { force: true })
  }

  /** Programs that were started there end before. */
  async close(): Promise<void> {
    const ended = once(this.#keeper, "exit")
    this.#keeper.stdin?.end()
    await ended
  }
}
