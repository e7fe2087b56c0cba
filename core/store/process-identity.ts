import { readFile, readlink } from "node:fs/promises"
import { hostname } from "node:os"
import { errnoOf } from "../base/errors.js"

/** Enough of a process to recognise whether it still lives, also after its pid was reused. */
export interface ProcessIdentity {
  readonly pid: number
  /** For the user to read; names of machines and containers prove nothing. */
  readonly host: string
  /** Linux's id of this boot of this kernel; empty elsewhere. */
  readonly boot: string
  /** Whose process ids these are: Linux's id of the pid namespace ("pid:[4026531836]"), elsewhere the host's name. */
  readonly pids: string
  /** When the process started, in clock ticks since boot; empty where /proc is missing. */
  readonly started: string
}

export async function thisProcess(): Promise<ProcessIdentity> {
  const boot = (await unlessMissing(readFile("/proc/sys/kernel/random/boot_id", "utf8"))) ?? ""
  const pids = (await unlessMissing(readlink("/proc/self/ns/pid"))) ?? hostname()
  const started = (await startOf(process.pid)) ?? ""
  return { pid: process.pid, host: hostname(), boot: boot.trim(), pids, started }
}

/** Does `other` live? Undefined when it can't be seen from this process: another machine's, another container's. */
export async function isAlive(other: ProcessIdentity, self: ProcessIdentity): Promise<boolean | undefined> {
  if (other.boot !== self.boot || other.pids !== self.pids) return undefined
  const started = await startOf(other.pid)
  if (started === undefined) return false
  // Without the time of its start, it may be another process with the same number.
  return started === "" ? undefined : started === other.started
}

/** Zombie, and dead (proc(5)). */
const ENDED_STATES: ReadonlySet<string> = new Set(["Z", "X", "x"])

/** Start time of process `pid`, "" when it lives and the system does not name one, undefined when it is missing or has ended. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await unlessMissing(readFile(`/proc/${pid}/stat`, "utf8"))
  if (stat !== undefined) {
    // From field 3 of proc(5) on; the second is the program's name in brackets, which may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    // A killed process stays in the list until its parent has waited for it, but holds no resources.
    return ENDED_STATES.has(fields[0] ?? "") ? undefined : (fields[19] ?? "")
  }
  try {
    process.kill(pid, 0)
    return ""
  } catch (error) {
    return errnoOf(error) === "EPERM" ? "" : undefined
  }
}

const MISSING: ReadonlySet<string> = new Set(["ENOENT", "ESRCH", "EACCES"])

async function unlessMissing(text: Promise<string>): Promise<string | undefined> {
  try {
    return await text
  } catch (error) {
    if (MISSING.has(errnoOf(error) ?? "")) return undefined
    throw error
  }
}
