import type * as NodeFs from "node:fs"
import type * as NodeFsPromises from "node:fs/promises"
import { basename, dirname } from "node:path"
import { promisify } from "node:util"
import type { SimulatedDisk } from "./simulated-disk.js"
import { PAGE_BYTES, type SimulatedInode } from "./simulated-inode.js"

/**
 * Puts a simulated disk behind node:fs, for `vi.mock`: the code under test runs unchanged, without a seam for tests. The store's calls
 * are simulated, for paths in this folder and descriptors of that disk; all others are real.
 */
export const SIMULATED_FOLDER = "/simulated-disk"

let mounted: SimulatedDisk | undefined

export function mount(disk: SimulatedDisk): void {
  mounted = disk
}

/** node:fs with the calls on descriptors simulated. */
export function simulatedFs(real: typeof NodeFs): typeof NodeFs {
  const readSync = (fd: number, target: Uint8Array, at: number, length: number, offset: number) =>
    disk().read(fd, target.subarray(at, at + length), offset)
  const writeSync = (fd: number, bytes: Uint8Array, at: number, length: number, offset: number) =>
    disk().write(fd, bytes.subarray(at, at + length), offset)
  const later = {
    read: async (...words: Parameters<typeof readSync>) => ({ bytesRead: await inTurn(() => readSync(...words)) }),
    write: async (...words: Parameters<typeof writeSync>) => ({
      bytesWritten: await inTurn(() => writeSync(...words)),
    }),
    fdatasync: sync,
    ftruncate: (fd: number, sizeBytes: number) => inTurn(() => disk().resize(fd, sizeBytes)),
  }
  const promised = Object.entries(later).map(([name, call]) => [name, promisedOnly<never[]>(call)])
  return { ...real, ...Object.fromEntries(promised), readSync, writeSync }
}

/** node:fs/promises with the calls on names and files simulated. */
export function simulatedFsPromises(real: typeof NodeFsPromises): typeof NodeFsPromises {
  const { O_CREAT, O_EXCL, O_DIRECTORY } = real.constants
  const simulated = {
    open: (path: string, flags: number | string) =>
      inTurn(() => {
        if (path === SIMULATED_FOLDER && Number(flags) & O_DIRECTORY) return handleOf(disk().openFolder())
        const create = flags === "wx" || (Number(flags) & (O_CREAT | O_EXCL)) !== 0
        return handleOf(disk().open(nameOf(path), create))
      }),
    lstat: (path: string) => inTurn(() => statsOf(disk().find(nameOf(path)))),
    stat: (path: string) => inTurn(() => statsOf(disk().find(nameOf(path)))),
    statfs: () => inTurn(() => ({ bavail: disk().freePages, bsize: PAGE_BYTES })),
    link: (from: string, to: string) => inTurn(() => disk().link(nameOf(from), nameOf(to))),
    unlink: (path: string) => inTurn(() => disk().unlink(nameOf(path))),
    rename: (from: string, to: string) => inTurn(() => disk().rename(nameOf(from), nameOf(to))),
    /** As text, whatever the options. */
    readFile: (path: string) => inTurn(() => disk().find(nameOf(path)).seen.toString("utf8")),
    writeFile: async (path: string, content: string) => {
      const handle = await simulated.open(path, "wx")
      await handle.writeFile(content).finally(() => handle.close())
    },
  }
  return { ...real, ...simulated } as unknown as typeof NodeFsPromises
}

function disk(): SimulatedDisk {
  if (!mounted) throw new Error("no simulated disk is mounted")
  return mounted
}

/** Other calls get a chance to come between. */
async function inTurn<T>(call: () => T): Promise<T> {
  await disk().pause()
  return call()
}

async function sync(fd: number): Promise<void> {
  const end = await inTurn(() => disk().beginSync(fd))
  await inTurn(end)
}

/** A function that only `promisify` uses; the callback form is never called. */
function promisedOnly<Words extends readonly unknown[]>(call: (...words: Words) => Promise<unknown>) {
  const unused = () => {
    throw new Error("the simulated disk takes no callbacks")
  }
  return Object.assign(unused, { [promisify.custom]: call })
}

function handleOf(fd: number) {
  return {
    fd,
    stat: (options?: { readonly bigint: boolean }) =>
      inTurn(() => {
        const inode = disk().file(fd)
        return options?.bigint ? statsOf(inode) : { size: inode.seen.length, isFile: (): boolean => true }
      }),
    sync: () => sync(fd),
    truncate: (sizeBytes: number) => inTurn(() => disk().resize(fd, sizeBytes)),
    writeFile: async (content: string | Uint8Array) => {
      const bytes = Buffer.from(content)
      for (let done = 0; done < bytes.length; ) {
        const at = done
        done += await inTurn(() => disk().write(fd, bytes.subarray(at), at))
      }
    },
    close: async () => disk().close(fd),
  }
}

/** As `bigint: true` has them. */
function statsOf(inode: SimulatedInode) {
  return {
    size: BigInt(inode.seen.length),
    ino: BigInt(inode.number),
    blocks: BigInt(inode.pages.size * (PAGE_BYTES / 512)),
    dev: 1n,
    ...inode.times,
    birthtimeNs: inode.birthtimeNs,
    isFile: (): boolean => true,
  }
}

function nameOf(path: string): string {
  if (dirname(path) !== SIMULATED_FOLDER) throw new Error(`${path} is not on the simulated disk`)
  return basename(path)
}
