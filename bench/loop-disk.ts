import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmdirSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"

/** Where the image lies: in memory, so that nothing but the limit slows it down. */
const MEMORY = "/dev/shm"

/** What the root group of cgroup v1 may write to a device: its limit counts for the kernel's write-back too. */
const WRITE_LIMITS = "/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device"

/** Pages of a slow disk that wait to be written; beyond it, who writes waits. Our choice: less than a second at 50 MB/s. */
const MAX_DIRTY_BYTES = 32 * 1024 * 1024

export interface LoopDiskOptions {
  readonly sizeBytes: number
  /** As fast as memory by default. */
  readonly writeBytesPerSecond?: number
}

/** A disk of its own: ext4 in a sparse file in memory, behind a loop device. Needs root and e2fsprogs. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly path: string
  readonly #image: string
  readonly #device: string
  readonly #isSlow: boolean

  constructor({ sizeBytes, writeBytesPerSecond }: LoopDiskOptions) {
    this.path = mkdtempSync(join(MEMORY, "p2p-tui-disk-"))
    this.#image = `${this.path}.img`
    this.#isSlow = writeBytesPerSecond !== undefined
    writeFileSync(this.#image, "")
    truncateSync(this.#image, sizeBytes)
    this.#device = run("losetup", "--find", "--show", this.#image).trim()
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-T", "largefile4", "-E", "lazy_itable_init=1,nodiscard", this.#device)
    run("mount", "-o", "noinit_itable", this.#device, this.path)
    if (writeBytesPerSecond !== undefined) this.#limit(writeBytesPerSecond)
  }

  /** Unmounts it and frees its memory. */
  close(): void {
    if (this.#isSlow) this.#limit(0)
    run("umount", this.path)
    run("losetup", "--detach", this.#device)
    rmSync(this.#image)
    rmdirSync(this.path)
  }

  /** 0 takes the limit away. */
  #limit(bytesPerSecond: number): void {
    const number = readFileSync(`/sys/block/${basename(this.#device)}/dev`, "utf8").trim()
    const writeBack = `/sys/class/bdi/${number}`
    writeFileSync(WRITE_LIMITS, `${number} ${bytesPerSecond}`)
    writeFileSync(`${writeBack}/strict_limit`, bytesPerSecond > 0 ? "1" : "0")
    if (bytesPerSecond > 0) writeFileSync(`${writeBack}/max_bytes`, String(MAX_DIRTY_BYTES))
    else writeFileSync(`${writeBack}/max_ratio`, "100")
  }
}

export function canMakeLoopDisk(): boolean {
  if (process.getuid?.() !== 0 || spawnSync("losetup", ["--find"], { stdio: "ignore" }).status !== 0) return false
  return spawnSync("mkfs.ext4", ["-V"], { stdio: "ignore" }).error === undefined
}

/** Limits of cgroup v1 and of single devices' write-back (Linux 6.2). */
export function canMakeSlowDisk(): boolean {
  return canMakeLoopDisk() && existsSync(WRITE_LIMITS) && existsSync("/sys/class/bdi/7:0/max_bytes")
}

const run = (file: string, ...args: readonly string[]) =>
  execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
