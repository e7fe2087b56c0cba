import { createHasher, type Hasher } from "../hashing/hasher.js"
import { wrappedHasher } from "../hashing/wrapped-hasher.js"
import { createDisk } from "../store/disk.js"
import { type DiskCalls, systemCalls } from "../store/disk-calls.js"

/** The faults of the disk for all clients of a test file that open with `createFailingDisk`. */
export const disk = {
  /** Further parts that fit; without room the disk is full. */
  roomForParts: Number.POSITIVE_INFINITY,
  /** Free bytes that the disk reports; the real ones by default. */
  freeBytes: undefined as number | undefined,
  /** Can't be read from this offset on. */
  unreadableFrom: Number.POSITIVE_INFINITY,
  syncs: true,
  /** Syncs wait for it. */
  syncing: Promise.resolve() as Promise<void>,
  /** Files whose path ends so can't be deleted. */
  undeletable: undefined as string | undefined,
  /** Hashing waits for it. */
  hashing: Promise.resolve() as Promise<void>,
  /** Slices that were hashed, or wait to be. */
  hashedSlices: 0,

  /** As a disk ought to be. */
  repair(): void {
    disk.roomForParts = Number.POSITIVE_INFINITY
    disk.freeBytes = undefined
    disk.unreadableFrom = Number.POSITIVE_INFINITY
    disk.syncs = true
    disk.syncing = Promise.resolve()
    disk.undeletable = undefined
    disk.hashing = Promise.resolve()
    disk.hashedSlices = 0
  },

  /** From now on no sync ends until the returned function is called. */
  holdSyncs(): () => void {
    let release = (): void => undefined
    disk.syncing = new Promise((resolve) => {
      release = resolve
    })
    return release
  },

  /** From now on hashing stands still until the returned function is called. */
  holdHashing(): () => void {
    let release = (): void => undefined
    disk.hashing = new Promise((resolve) => {
      release = resolve
    })
    return release
  },
}

/** A client's `createDisk` with the faults in `disk`. */
export const createFailingDisk: typeof createDisk = (parts) =>
  createDisk({ hasher: failingHasher(createHasher()), calls: failingCalls, ...parts })

function failingHasher(hasher: Hasher): Hasher {
  return wrappedHasher(hasher, {
    hashParts: async (range) => {
      disk.hashedSlices++
      await disk.hashing
      return hasher.hashParts(range)
    },
    verifyAndWrite: (write) => {
      if (disk.roomForParts <= 0) return Promise.reject(failure("ENOSPC"))
      disk.roomForParts--
      return hasher.verifyAndWrite(write)
    },
  })
}

export const failingCalls: DiskCalls = {
  readFully: (fd, target, offset) =>
    offset + target.length > disk.unreadableFrom
      ? Promise.reject(failure("EIO"))
      : systemCalls.readFully(fd, target, offset),
  async syncData(fd) {
    await disk.syncing
    if (!disk.syncs) throw failure("EIO")
    await systemCalls.syncData(fd)
  },
  freeBytesAt: async (path) => (disk.roomForParts <= 0 ? 0 : (disk.freeBytes ?? systemCalls.freeBytesAt(path))),
  unlinkIfSame: async (path, file) => {
    if (disk.undeletable !== undefined && path.endsWith(disk.undeletable)) throw failure("EIO")
    await systemCalls.unlinkIfSame(path, file)
  },
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code })
}
