import { createHash } from "node:crypto"
import { lstat, unlink } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { CommandError, errnoOf, type StoreError } from "../base/errors.js"
import { isSharedByHosts } from "./file-system-kind.js"
import { type Claim, type Judgement, NoHardLinksError } from "./lock-claim.js"
import { createLease, judgeLease } from "./lock-lease.js"
import { askLockSocket, createLockSocket } from "./lock-socket.js"

export interface Lock {
  /** Aborted with a StoreError "lock_lost" once another process may work on the same: this one must write no more. */
  readonly lost: AbortSignal
  /** Before a write. Rejects with `lost.reason`; costs nothing unless this machine may have slept. */
  confirm(): Promise<void>
  /** May be called twice. */
  release(): Promise<void>
}

/**
 * Takes the lock at `path`, so that two processes (or two downloads of one) never use the same file or folder
 * (docs/engine/file-formats.md#locks). The lock of an ended process is taken over. Rejects with the system error when the folder is missing
 * or not writable.
 *
 * The lock is a Unix socket on which its owner listens: the kernel refuses connections from the moment the owner ends, and accepts them
 * until then, independent of host name, container and process id. On a file system without sockets or hard links (FAT, exFAT), or one
 * shared by several kernels (NFS), the lock is a file with a lease that its owner renews.
 * @throws CommandError "in_use" that names the owner and the lock.
 */
export async function acquireLock(path: string): Promise<Lock> {
  const isShared = await isSharedByHosts(path)
  const socket = isShared ? undefined : await createLockSocket(path)
  if (socket !== undefined) {
    const lock = await place(path, socket, isShared)
    if (lock !== undefined) return lock
  }
  const lock = await place(path, await createLease(path), isShared)
  if (lock !== undefined) return lock
  throw new TypeError("a lease is placed in every folder that takes files")
}

/** Undefined when this kind of claim can't be put there: the file system has no hard links. */
async function place(path: string, claim: Claim, isShared: boolean): Promise<Lock | undefined> {
  let released: Promise<void> | undefined
  const losing = new AbortController()
  const onLost = (error: StoreError) => {
    if (released === undefined) losing.abort(error)
  }
  try {
    while (!(await claim.tryPlace(path, onLost))) await takeAwayIfStale(path, isShared)
  } catch (error) {
    await claim.close()
    if (error instanceof NoHardLinksError) return undefined
    throw error
  }
  return {
    lost: losing.signal,
    confirm: async () => {
      await claim.confirm?.()
      losing.signal.throwIfAborted()
    },
    release: () => (released ??= release(path, claim)),
  }
}

async function release(path: string, claim: Claim): Promise<void> {
  try {
    await claim.stopRenewing?.()
    // It may have been deleted by hand and taken by another process since.
    if (await claim.isAt(path)) await unlink(path)
  } finally {
    await claim.close()
  }
}

/**
 * Returns when the way is free; throws when the lock's owner lives. Of several processes that find the same stale lock,
 * one at a time may delete it, and it looks again first: otherwise the slower one would delete the lock that the faster
 * one has put there meanwhile. That guard is a lock itself, so a process killed here leaves nothing that blocks.
 */
async function takeAwayIfStale(path: string, isShared: boolean): Promise<void> {
  if (!(await isStale(path, isShared))) return
  const guard = await acquireLock(guardPathOf(path))
  try {
    if (await isStale(path, isShared)) await unlink(path)
  } finally {
    await guard.release()
  }
}

/** A short name, for the lock's own may be as long as names can be. */
export function guardPathOf(path: string): string {
  return join(dirname(path), `.p2p-tui-${createHash("sha1").update(basename(path)).digest("hex").slice(0, 16)}`)
}

/** False when the lock is gone. @throws CommandError "in_use" when the owner lives, or may live. */
async function isStale(path: string, isShared: boolean): Promise<boolean> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined
    throw error
  })
  if (stats === undefined) return false
  if (stats.isFile()) return refuseIfAlive(path, await judgeLease(path, isShared))
  // A fifo or link is no lock but another program's file.
  if (!stats.isSocket()) throw inUse(path, "something that is no lock of this program; move it away")
  const answer = await askLockSocket(path)
  // Over NFS the socket of a process on another machine refuses too.
  if (answer.state === "dead" && isShared) throw inUse(path, "a process on another machine; delete it if that is gone")
  return refuseIfAlive(path, answer)
}

function refuseIfAlive(path: string, judgement: Judgement): boolean {
  if (judgement.state === "alive") throw inUse(path, judgement.owner)
  return judgement.state === "dead"
}

function inUse(path: string, owner: string): CommandError {
  return new CommandError("in_use", `${path}: locked by ${owner}`)
}
