import { wrappedHasher } from "./wrapped-hasher.js"

type HasherModule = typeof import("../hashing/hasher.js")
type FileIoModule = typeof import("../store/file-io.js")
type PromisesModule = typeof import("node:fs/promises")

/** What the disk does to all clients of a test file that mocks its modules with the functions below. */
export const disk = {
  /** Takes so many parts more; with none, it says that it is full. */
  roomForParts: Number.POSITIVE_INFINITY,
  /** Bytes that it says are free; as many as there are by default. */
  freeBytes: undefined as number | undefined,
  /** Can't be read from this offset on. */
  unreadableFrom: Number.POSITIVE_INFINITY,
  syncs: true,
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
    disk.undeletable = undefined
    disk.hashing = Promise.resolve()
    disk.hashedSlices = 0
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

/** For `vi.mock("../hashing/hasher.js", …)`. */
export function failingHasher(real: HasherModule): HasherModule {
  const createHasher: HasherModule["createHasher"] = (options) => {
    const hasher = real.createHasher(options)
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
  return { ...real, createHasher }
}

/** For `vi.mock("../store/file-io.js", …)`. */
export function failingFileIo(real: FileIoModule): FileIoModule {
  const readFully: FileIoModule["readFully"] = (fd, target, offset) =>
    offset + target.length > disk.unreadableFrom ? Promise.reject(failure("EIO")) : real.readFully(fd, target, offset)
  const syncData: FileIoModule["syncData"] = (fd) => (disk.syncs ? real.syncData(fd) : Promise.reject(failure("EIO")))
  return { ...real, readFully, syncData }
}

/** For `vi.mock("node:fs/promises", …)`. */
export function failingPromises(real: PromisesModule): PromisesModule {
  const statfs = async (path: string) => {
    const stats = await real.statfs(path)
    if (disk.roomForParts <= 0) return { ...stats, bavail: 0 }
    return disk.freeBytes === undefined ? stats : { ...stats, bavail: disk.freeBytes, bsize: 1 }
  }
  const unlink = async (path: string) => {
    if (disk.undeletable !== undefined && path.endsWith(disk.undeletable)) throw failure("EIO")
    await real.unlink(path)
  }
  return { ...real, statfs: statfs as PromisesModule["statfs"], unlink: unlink as PromisesModule["unlink"] }
}

function failure(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code })
}
