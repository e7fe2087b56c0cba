import type * as NodeFs from "node:fs"
import type * as NodeFsPromises from "node:fs/promises"
import { posix } from "node:path"
import { promisify } from "node:util"
import { errnoOf } from "../base/errors.js"
import { FIRST_DESCRIPTOR, type SimulatedDisk } from "./simulated-disk.js"
import { SimulatedFolder, type SimulatedNode } from "./simulated-folder.js"
import { PAGE_BYTES, type SimulatedInode } from "./simulated-inode.js"
import { systemError } from "./simulated-tree.js"

/**
 * Puts a simulated disk behind node:fs, for `vi.mock`: the code under test runs unchanged, without a seam for tests. The store's calls
 * are simulated, for paths in this folder and descriptors of that disk; all others are real.
 */
export const SIMULATED_FOLDER = "/simulated-disk"

let mounted: SimulatedDisk | undefined

/** Of the real system; node:fs can't be imported where it is replaced. */
let constants: typeof NodeFs.constants

export function mount(disk: SimulatedDisk): void {
  mounted = disk
}

/** node:fs with the calls on descriptors, and the synchronous ones of the threads, simulated. */
export function simulatedFs(real: typeof NodeFs): typeof NodeFs {
  constants = real.constants
  const readSync = (fd: number, target: Uint8Array, at: number, length: number, offset: number) =>
    isOurs(fd)
      ? disk().read(fd, target.subarray(at, at + length), offset)
      : real.readSync(fd, target, at, length, offset)
  const writeSync = (fd: number, bytes: Uint8Array, at: number, length: number, offset: number) =>
    isOurs(fd)
      ? disk().write(fd, bytes.subarray(at, at + length), offset)
      : real.writeSync(fd, bytes, at, length, offset)
  const syncSync = (fd: number) => disk().beginSync(fd)()
  const onThreads = {
    openSync: (path: string, flags: number) => (isHere(path) ? openNow(path, flags) : real.openSync(path, flags)),
    closeSync: (fd: number) => (isOurs(fd) ? disk().close(fd) : real.closeSync(fd)),
    renameSync: (from: string, to: string) =>
      isHere(from) ? disk().rename(nameOf(from), nameOf(to)) : real.renameSync(from, to),
    mkdirSync: (path: string) => (isHere(path) ? disk().makeFolder(nameOf(path)) : real.mkdirSync(path)),
    lstatSync: (path: string, options?: NodeFs.StatSyncOptions) =>
      isHere(path) ? statsNow(path, options) : real.lstatSync(path, options),
    fsyncSync: (fd: number) => (isOurs(fd) ? syncSync(fd) : real.fsyncSync(fd)),
    fdatasyncSync: (fd: number) => (isOurs(fd) ? syncSync(fd) : real.fdatasyncSync(fd)),
  }
  const later = {
    read: async (...words: Parameters<typeof readSync>) => ({ bytesRead: await inTurn(() => readSync(...words)) }),
    write: async (...words: Parameters<typeof writeSync>) => ({
      bytesWritten: await inTurn(() => writeSync(...words)),
    }),
    fdatasync: sync,
    ftruncate: (fd: number, sizeBytes: number) => inTurn(() => disk().resize(fd, sizeBytes)),
  }
  const promised = Object.entries(later).map(([name, call]) => [name, promisedOnly<never[]>(call)])
  const simulated = {
    ...Object.fromEntries(promised),
    ...onThreads,
    statSync: onThreads.lstatSync,
    readSync,
    writeSync,
  }
  return { ...real, ...simulated } as unknown as typeof NodeFs
}

/** node:fs/promises with the calls on names and files simulated. */
export function simulatedFsPromises(real: typeof NodeFsPromises): typeof NodeFsPromises {
  constants = real.constants
  const stats = (path: string, options?: NodeFs.StatOptions) =>
    inTurn(() => statsOf(disk().find(nameOf(path)), options?.bigint === true))
  const simulated = {
    open: (path: string, flags: number | string) => inTurn(() => handleOf(openNow(path, flags))),
    lstat: stats,
    stat: stats,
    statfs: () => inTurn(() => ({ bavail: disk().freePages, bsize: PAGE_BYTES })),
    link: (from: string, to: string) => inTurn(() => disk().link(nameOf(from), nameOf(to))),
    unlink: (path: string) => inTurn(() => disk().unlink(nameOf(path))),
    rename: (from: string, to: string) => inTurn(() => disk().rename(nameOf(from), nameOf(to))),
    mkdir: (path: string) => inTurn(() => disk().makeFolder(nameOf(path))),
    rmdir: (path: string) => inTurn(() => disk().removeFolder(nameOf(path))),
    readdir: (path: string) => inTurn(() => disk().list(nameOf(path))),
    chmod: (path: string) => inTurn(() => disk().changeMode(nameOf(path))),
    /** As text, whatever the options. */
    readFile: (path: string) => inTurn(() => fileNow(path).seen.toString("utf8")),
    writeFile: async (path: string, content: string) => {
      const handle = await simulated.open(path, "wx")
      await handle.writeFile(content).finally(() => handle.close())
    },
  }
  return { ...real, ...simulated } as unknown as typeof NodeFsPromises
}

function isHere(path: string): boolean {
  return path === SIMULATED_FOLDER || path.startsWith(`${SIMULATED_FOLDER}/`)
}

function isOurs(fd: number): boolean {
  return fd >= FIRST_DESCRIPTOR
}

function openNow(path: string, flags: number | string): number {
  const bits = Number(flags)
  if (bits & constants.O_DIRECTORY) return disk().openFolder(nameOf(path))
  if (flags === "wx" || bits & constants.O_EXCL) return disk().open(nameOf(path), "new")
  return disk().open(nameOf(path), bits & constants.O_CREAT ? "any" : "never")
}

function fileNow(path: string): SimulatedInode {
  const node = disk().find(nameOf(path))
  if (node instanceof SimulatedFolder) throw systemError("EISDIR", path)
  return node
}

function statsNow(path: string, options?: NodeFs.StatSyncOptions) {
  try {
    return statsOf(disk().find(nameOf(path)), options?.bigint === true)
  } catch (error) {
    if (options?.throwIfNoEntry === false && errnoOf(error) === "ENOENT") return undefined
    throw error
  }
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
        return statsOf(inode, options?.bigint === true)
      }),
    read: (target: Uint8Array, at: number, length: number, offset: number) =>
      inTurn(() => ({ bytesRead: disk().read(fd, target.subarray(at, at + length), offset) })),
    write: (bytes: Uint8Array, at: number, length: number, offset: number) =>
      inTurn(() => ({ bytesWritten: disk().write(fd, bytes.subarray(at, at + length), offset) })),
    sync: () => sync(fd),
    datasync: () => sync(fd),
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

function statsOf(node: SimulatedNode, isBig: boolean) {
  const isFolder = node instanceof SimulatedFolder
  const [size, pages] = isFolder ? [0, 0] : [node.seen.length, node.pages.size]
  const kind = { isFile: () => !isFolder, isDirectory: () => isFolder, isSymbolicLink: () => false }
  const number = (value: number) => (isBig ? BigInt(value) : value)
  const { mtimeNs, ctimeNs } = node.times
  const inMs = { mtimeMs: Number(mtimeNs) / 1e6, ctimeMs: Number(ctimeNs) / 1e6 }
  const times = isBig ? { mtimeNs, ctimeNs, birthtimeNs: node.birthtimeNs } : inMs
  return {
    size: number(size),
    ino: number(node.number),
    blocks: number(pages * (PAGE_BYTES / 512)),
    dev: number(1),
    ...times,
    ...kind,
  }
}

function nameOf(path: string): string {
  if (!isHere(path)) throw new Error(`${path} is not on the simulated disk`)
  return posix.normalize(path.slice(SIMULATED_FOLDER.length + 1)).replace(/^\.$|\/\.?$/, "")
}
