import { randomBytes } from "node:crypto"
import { constants } from "node:fs"
import { link, readFile, unlink, writeFile } from "node:fs/promises"
import { hostname } from "node:os"
import { CommandError, errnoOf, StoreError } from "../errors.js"

/** Who holds a lock: enough to tell whether that process still lives, also after its pid was given to another one. */
interface LockOwner {
  readonly pid: number
  readonly host: string
  /** Linux's id of this boot; empty elsewhere. */
  readonly boot: string
  /** When the process started, in clock ticks since boot; empty where /proc is missing. */
  readonly started: string
}

export interface Lock {
  /** May be called twice. */
  release(): Promise<void>
}

/**
 * Takes the lock file at `path`, so that two processes (or two downloads of one) never work on the same file or folder
 * (hostile.md 16). The lock of a process that is gone is taken over. Rejects with the system error when the folder is
 * not there or not writable.
 * @throws CommandError "in_use" that names the process and the lock file; StoreError "no_locks" on a file system without
 * hard links, where two could not be kept apart (hostile.md 18).
 */
export async function acquireLock(path: string): Promise<Lock> {
  // The token tells the locks of one process apart: releasing one twice must not delete the next.
  const mine = JSON.stringify({ ...(await thisProcess()), token: randomBytes(8).toString("hex") })
  // Written aside and linked into place: nobody ever sees a lock without its owner in it.
  const draft = `${path}.${randomBytes(6).toString("hex")}`
  await writeFile(draft, mine, { flag: "wx" })
  try {
    for (;;) {
      if (await tryLink(draft, path)) return { release: () => releaseLock(path, mine) }
      await takeAwayIfStale(path)
    }
  } finally {
    await unlink(draft)
  }
}

async function tryLink(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === "EEXIST") return false
    // What FAT and some network file systems say. The draft was written, so it is not the folder that refuses.
    if (errno !== "EPERM" && errno !== "ENOTSUP" && errno !== "EOPNOTSUPP" && errno !== "ENOSYS") throw error
    throw new StoreError(
      "no_locks",
      `${path}: this file system has no hard links, which locks are made of (${errno})`,
      {
        cause: error,
      },
    )
  }
}

/**
 * Returns when the way is free; throws when the lock's owner lives. Of several processes that find the same stale lock,
 * one at a time may delete it, and it looks again first: otherwise the slower one would delete the lock that the faster
 * one has put there meanwhile. That guard is a lock itself, so a process killed here leaves nothing that blocks.
 */
async function takeAwayIfStale(path: string): Promise<void> {
  const text = await readIfThere(path)
  if (text === undefined) return
  await refuseIfAlive(path, text)
  const guard = await acquireLock(`${path}.takeover`)
  try {
    if ((await readIfThere(path)) === text) await unlink(path)
  } finally {
    await guard.release()
  }
}

/** Zombie, and dead (proc(5)). */
const ENDED_STATES: ReadonlySet<string> = new Set(["Z", "X", "x"])

async function refuseIfAlive(path: string, text: string): Promise<void> {
  const owner = parseOwner(text)
  // A lock that can't be read was cut short by a power failure: nobody's.
  if (!owner) return
  const self = await thisProcess()
  if (owner.host !== self.host)
    throw new CommandError("in_use", `${path}: locked by a process on ${owner.host}; delete it if that is gone`)
  if (owner.boot === self.boot && (await startOf(owner.pid)) === owner.started)
    throw new CommandError("in_use", `${path}: locked by process ${owner.pid}, which still runs`)
}

async function releaseLock(path: string, mine: string): Promise<void> {
  // Somebody may have deleted it by hand, and another process may have it now.
  if ((await readIfThere(path)) === mine) await unlink(path)
}

async function thisProcess(): Promise<LockOwner> {
  const boot = (await readIfThere("/proc/sys/kernel/random/boot_id")) ?? ""
  return { pid: process.pid, host: hostname(), boot: boot.trim(), started: (await startOf(process.pid)) ?? "" }
}

/** When process `pid` started, "" when it lives and the system does not tell, undefined when there is none or it has ended. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readIfThere(`/proc/${pid}/stat`)
  if (stat !== undefined) {
    // From field 3 of proc(5) on; the second is the program's name in brackets, which may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    // One that was killed stays in the list until its parent has looked at it, but it holds nothing any more.
    return ENDED_STATES.has(fields[0] ?? "") ? undefined : (fields[19] ?? "")
  }
  try {
    process.kill(pid, 0)
    return ""
  } catch (error) {
    return errnoOf(error) === "EPERM" ? "" : undefined
  }
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    const owner: unknown = JSON.parse(text)
    return isOwner(owner) ? owner : undefined
  } catch {
    return undefined
  }
}

function isOwner(value: unknown): value is LockOwner {
  if (typeof value !== "object" || value === null) return false
  const { pid, host, boot, started } = value as Record<string, unknown>
  const texts = [host, boot, started].every((text) => typeof text === "string")
  return texts && Number.isSafeInteger(pid) && Number(pid) > 0
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    // A fifo in a lock's place would wait for its writer for ever.
    return await readFile(path, { encoding: "utf8", flag: constants.O_RDONLY | constants.O_NONBLOCK })
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ESRCH") return undefined
    throw error
  }
}
