import { randomBytes } from "node:crypto"
import { constants, open, stat, unlink, writeFile } from "node:fs/promises"
import { uptime } from "node:os"
import { draftBeside } from "../base/draft-beside.js"
import { errnoOf, StoreError } from "../base/errors.js"
import { readStartOf } from "../base/read-at-most.js"
import { WorkUnderWay } from "../base/work-under-way.js"
import { type Claim, type Judgement, NoHardLinksError, tryLink } from "./lock-claim.js"
import { isAlive, type ProcessIdentity, thisProcess } from "./process-identity.js"

/** How often an owner writes its lease anew. */
const RENEW_MS = 20_000

/** A renewal that is late by one turn: this machine may have slept, for timers stand still then. */
const LATE_SECONDS = (2 * RENEW_MS) / 1_000

/**
 * Age at which a lease expires, ms: three missed renewals, and half a minute for which an NFS client may use cached attributes.
 */
const LEASE_MS = 90_000

/** A longer file is no lease of ours; a device in its place has no end. */
const MAX_LEASE_BYTES = 4_096

/** Where there are no hard links a lease is seen before its text is in it, for less than this. */
const DRAFT_MS = 5_000

/**
 * A file that names the owner of the lock, renewed while its process lives: for file systems on which a socket can't prove that. Times
 * are the file system's own, so clocks of several machines need not agree.
 */
export async function createLease(path: string): Promise<Claim> {
  // The token distinguishes the locks of one process.
  const text = JSON.stringify({ ...(await thisProcess()), token: randomBytes(8).toString("hex") })
  const draft = draftBeside(path)
  await writeFile(draft, text, { flag: "wx", mode: 0o600 })
  const isAt = async (place: string) => (await readIfThere(place)) === text
  let timer: NodeJS.Timeout | undefined
  // Of this machine's clock that continues during sleep (CLOCK_BOOTTIME on Linux).
  let renewedAtSeconds = uptime()
  const renew = async (place: string, onLost: (error: StoreError) => void): Promise<void> => {
    try {
      const atSeconds = uptime()
      const now = await readIfThere(place)
      if (now === text) {
        await writeFile(place, text, { flag: "r+" })
        renewedAtSeconds = atSeconds
        return
      }
      // It expired while this machine slept or its server was unreachable, or it was deleted.
      clearInterval(timer)
      onLost(lockLost(place, now))
    } catch (error) {
      // A disk or server that is away for a moment: the next turn comes before the lease has run out.
      if (errnoOf(error) === undefined) throw error
    }
  }
  const renewals = new WorkUnderWay()
  let renewNow = async (): Promise<void> => undefined
  return {
    tryPlace: async (place, onLost) => {
      if (!(await tryLinkOrWrite(draft, place, text))) return false
      await unlinkIfThere(draft)
      renewNow = () => renewals.add(renew(place, onLost))
      timer = setInterval(() => void renewNow(), RENEW_MS).unref()
      return true
    },
    confirm: async () => {
      if (uptime() - renewedAtSeconds > LATE_SECONDS) await renewNow()
    },
    isAt,
    stopRenewing: () => {
      clearInterval(timer)
      return renewals.ended()
    },
    close: async () => {
      clearInterval(timer)
      await unlinkIfThere(draft)
    },
  }
}

/** `now`: what lies in the lease's place. */
function lockLost(place: string, now: string | undefined): StoreError {
  const owner = now === undefined ? undefined : parseOwner(now)
  const how =
    now === undefined ? "it was deleted" : `${owner ? `process ${owner.pid} on ${owner.host}` : "another"} has it now`
  return new StoreError("lock_lost", `${place}: this process has lost its lock and stops writing: ${how}`)
}

async function tryLinkOrWrite(draft: string, place: string, text: string): Promise<boolean> {
  try {
    return await tryLink(draft, place)
  } catch (error) {
    if (!(error instanceof NoHardLinksError)) throw error
    return tryWrite(place, text)
  }
}

async function tryWrite(place: string, text: string): Promise<boolean> {
  try {
    await writeFile(place, text, { flag: "wx", mode: 0o600 })
    return true
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false
    throw error
  }
}

/** Whether the owner of the lease at `path` lives. `isShared`: other machines may use this file system. */
export async function judgeLease(path: string, isShared: boolean): Promise<Judgement> {
  const text = await readIfThere(path)
  if (text === undefined) return { state: "gone" }
  const owner = parseOwner(text)
  if (owner === undefined) {
    if (!mayBeLease(text)) return { state: "alive", owner: "a file that is no lock of this program; move it away" }
    // It is being written at this moment, or was cut short by a power failure and has no owner.
    const isNew = (await ageOf(path)) < DRAFT_MS
    return isNew ? { state: "alive", owner: "a process that takes it at this moment" } : { state: "dead" }
  }
  const self = await thisProcess()
  const isLiving = await isAlive(owner, self)
  const name = `process ${owner.pid} on ${owner.host}`
  if (isLiving === false || (!isShared && owner.boot !== self.boot)) return { state: "dead" }
  if (isLiving === true) return { state: "alive", owner: `${name}, which still runs` }
  const left = Math.ceil((LEASE_MS - (await ageOf(path))) / 1_000)
  return left > 0 ? { state: "alive", owner: `${name} for ${left} s more, unless it renews that` } : { state: "dead" }
}

/** A lease, whole or cut short: nothing else is ever deleted. */
function mayBeLease(text: string): boolean {
  return text.startsWith(LEASE_START) || LEASE_START.startsWith(text)
}

const LEASE_START = '{"pid":'

/** How long ago the file was written, milliseconds, by the file system's clock. */
async function ageOf(path: string): Promise<number> {
  const probe = draftBeside(path)
  await writeFile(probe, "", { flag: "wx" })
  try {
    const [now, then] = await Promise.all([stat(probe), stat(path)])
    // Far in the future it is out of date too: the clock was set back since.
    return Math.abs(now.mtimeMs - then.mtimeMs)
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return Number.POSITIVE_INFINITY
    throw error
  } finally {
    await unlinkIfThere(probe)
  }
}

function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    const owner: unknown = JSON.parse(text)
    return isIdentity(owner) ? owner : undefined
  } catch {
    return undefined
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== "object" || value === null) return false
  const { pid, host, boot, pids, started } = value as Record<string, unknown>
  const texts = [host, boot, pids, started].every((text) => typeof text === "string")
  return texts && Number.isSafeInteger(pid) && Number(pid) > 0
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    // Opening a fifo in a lease's place would block until a writer opens it, and a link could lead anywhere.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      return Buffer.from(await readStartOf(file, MAX_LEASE_BYTES)).toString("utf8")
    } finally {
      await file.close()
    }
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined
    throw error
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error
  }
}
