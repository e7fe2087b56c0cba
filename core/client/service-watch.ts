import { lstat, stat, statfs } from "node:fs/promises"
import { dirname, join, sep } from "node:path"
import pLimit from "p-limit"
import { errnoOf, P2pError } from "../base/errors.js"
import type { ClientResources } from "../document/client-resources.js"
import type { Document } from "../document/document.js"
import { fileNameFor } from "../document/document-name.js"
import { type Listing, listService, readQuietly, ServiceFiles } from "../library/scan-service.js"
import { torrentFilesAmong } from "../library/torrent-probe.js"
import { downloadNames } from "../store/download-names.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { AwaitedShelf } from "./awaited-shelf.js"
import type { DocumentShelf } from "./document-shelf.js"
import { FolderEvents } from "./folder-events.js"

/** A file counts as complete when it was the same in two looks so far apart, and as gone likewise, ms. Our choice. */
const SETTLE_MS = 1_000

/** Time between looks where no events come, ms: on network file systems, and elsewhere in case one was lost. Our choice. */
const POLL_MS = 30_000
const SLOW_POLL_MS = 10 * 60_000

/** While data for a torrent file is being copied, ms. Our choice. */
const HELD_MS = 5_000

/** Torrent files that one look takes up; the others wait for the next. Our choice. */
const TAKEN_AT_ONCE = 100

/** Files that are looked at in parallel. Our choice. */
const STATS_AT_ONCE = 32

/** statfs types whose changes by other machines raise no event here: NFS, SMB, CIFS, FUSE, 9p, AFS, Ceph, Lustre. */
const REMOTE_TYPES: ReadonlySet<number> = new Set([
  0x6969, 0xfe534d42, 0xff534d42, 0x65735546, 0x01021997, 0x5346414f, 0x00c36400, 0x0bd00bd0,
])

export interface ServiceWatchOptions {
  readonly folder: string
  readonly shelf: DocumentShelf
  readonly awaited: AwaitedShelf
  readonly resources: ClientResources
}

/**
 * Looks at the service folder while the client runs: a torrent file that comes is taken up once it is complete, and one that goes takes its
 * document out of the list. What is there at the start is the start's business.
 */
export class ServiceWatch {
  readonly #folder: string
  readonly #shelf: DocumentShelf
  readonly #awaited: AwaitedShelf
  readonly #resources: ClientResources
  readonly #events = new FolderEvents(() => this.#lookIn(SETTLE_MS))
  /** Torrent files as they were judged. */
  #judged = new Map<string, string>()
  /** As they were in the last look: new, or changed since they were judged. */
  #unsettled = new Map<string, string>()
  /** Torrent files of listed documents that were not there in the last look. */
  #missing = new Set<string>()
  /** Torrent files whose target is in the way: their data may be on its way. */
  readonly #held = new Set<string>()
  #isRemote = false
  /** Device and inode of the folder at the start: another one is what stays when a disk is not mounted. */
  #identity = ""
  #isClosed = false
  #looking: Promise<void> | undefined
  #dueAtMs = Number.POSITIVE_INFINITY
  #stopTimer: () => void = () => undefined

  constructor({ folder, shelf, awaited, resources }: ServiceWatchOptions) {
    this.#folder = folder
    this.#shelf = shelf
    this.#awaited = awaited
    this.#resources = resources
  }

  /** Before the documents are loaded: what comes from now on is new. */
  async begin(): Promise<void> {
    this.#isRemote = await isRemote(this.#folder)
    this.#identity = await identityOf(this.#folder)
    const listing = await listService(this.#folder, new Set())
    this.#judged = await stampsOf(listing)
    this.#watch(listing)
    this.#lookIn(this.#pollMs)
  }

  /** Resolves when nothing is under way. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopTimer()
    this.#events.close()
    await this.#looking
  }

  get #pollMs(): number {
    return this.#isRemote || !this.#events.hasAll ? POLL_MS : SLOW_POLL_MS
  }

  #watch({ folders }: Listing): void {
    this.#events.watch(new Set([this.#folder, ...folders]))
  }

  /** Looks after so long at the latest. A look that is under way asks again at its end. */
  #lookIn(waitMs: number): void {
    const dueAtMs = this.#resources.clock.now() + waitMs
    if (this.#isClosed || dueAtMs >= this.#dueAtMs) return
    this.#dueAtMs = dueAtMs
    this.#stopTimer()
    if (this.#looking === undefined) this.#stopTimer = this.#resources.clock.after(waitMs, () => this.#begin())
  }

  #begin(): void {
    this.#dueAtMs = Number.POSITIVE_INFINITY
    const looking = this.#look()
    this.#looking = looking
    // A bug ends the program loudly, as an unhandled rejection.
    void looking.then(() => {
      this.#looking = undefined
      const waitMs = Math.max(0, Math.min(this.#dueAtMs - this.#resources.clock.now(), this.#pollMs))
      this.#dueAtMs = Number.POSITIVE_INFINITY
      this.#lookIn(waitMs)
    })
  }

  async #look(): Promise<void> {
    const folders = [...this.#shelf.documents].flatMap(({ torrent, filePath }) => (torrent.files ? [filePath] : []))
    const listing = await listService(this.#folder, new Set(folders))
    const stamps = await stampsOf(listing)
    if (this.#isClosed) return
    this.#watch(listing)
    await this.#removeGone(stamps)
    const settled = this.#settle(stamps)
    for (const path of settled.slice(0, TAKEN_AT_ONCE)) {
      if (this.#isClosed) return
      if (await this.#judge(path, listing)) this.#judged.set(path, stamps.get(path) ?? "")
      else this.#unsettled.set(path, stamps.get(path) ?? "")
    }
    for (const path of settled.slice(TAKEN_AT_ONCE)) this.#unsettled.set(path, stamps.get(path) ?? "")
    if (this.#held.size > 0) this.#lookIn(HELD_MS)
    else if (this.#unsettled.size > 0 || this.#missing.size > 0) this.#lookIn(SETTLE_MS)
  }

  /** Those that are new or changed and were the same in the look before; the others are noted. */
  #settle(stamps: ReadonlyMap<string, string>): readonly string[] {
    for (const path of this.#judged.keys()) if (!stamps.has(path) && !this.#missing.has(path)) this.#judged.delete(path)
    for (const path of this.#held) if (!stamps.has(path)) this.#held.delete(path)
    const settled: string[] = []
    const unsettled = new Map<string, string>()
    for (const [path, stamp] of stamps) {
      if (this.#judged.get(path) === stamp) continue
      if (this.#unsettled.get(path) === stamp) settled.push(path)
      else unsettled.set(path, stamp)
    }
    this.#unsettled = unsettled
    return settled
  }

  /** Takes a torrent file up, or reports once why not. False when it must be looked at again. */
  async #judge(torrentPath: string, listing: Listing): Promise<boolean> {
    const { onEvent } = this.#resources
    if ((await torrentFilesAmong([torrentPath])).length === 0) return true
    const torrent = await readQuietly(torrentPath, onEvent)
    if (torrent === undefined) return true
    const listed = this.#shelf.get(torrent.hash)
    // It was renamed: its document leaves the list first.
    if (listed !== undefined) return !this.#missing.has(listed.torrentPath)
    // This client has written it.
    if (this.#awaited.isOfLink(torrent)) return true
    const files = new ServiceFiles(listing.paths, listing.folders)
    const filePath = await files.describedBy(torrent, torrentPath)
    if (this.#isClosed || this.#shelf.get(torrent.hash) !== undefined) return true
    if (filePath !== undefined) this.#shelf.found(torrent, { torrentPath, filePath })
    else return this.#download(torrent, torrentPath)
    this.#held.delete(torrentPath)
    onEvent({ level: "info", name: "torrent_taken_up", message: `${torrentPath} is taken up: its document is there` })
    return true
  }

  async #download(torrent: Torrent, torrentPath: string): Promise<boolean> {
    const { onEvent } = this.#resources
    const filePath = join(this.#folder, fileNameFor(torrent, torrentPath))
    if (await isInTheWay(filePath)) {
      const message = `${torrentPath} waits: ${filePath} is not its document, or not yet`
      if (!this.#held.has(torrentPath)) onEvent({ level: "warn", name: "torrent_held", message })
      this.#held.add(torrentPath)
      return false
    }
    this.#held.delete(torrentPath)
    try {
      await this.#shelf.download(torrent, { torrentPath, filePath }, undefined)
      onEvent({
        level: "info",
        name: "torrent_taken_up",
        message: `${torrentPath} is taken up: ${filePath} is fetched`,
      })
    } catch (error) {
      if (!(error instanceof P2pError)) throw error
      if (this.#isClosed) return true
      onEvent({ level: "warn", name: "torrent_skipped", message: `${torrentPath} is skipped: ${error.message}` })
    }
    return true
  }

  /** Documents whose torrent file was there and is not in two looks. When all are gone at once, it is the disk that is gone. */
  async #removeGone(stamps: ReadonlyMap<string, string>): Promise<void> {
    const inFolder = [...this.#shelf.documents].filter(({ torrentPath }) => torrentPath.startsWith(this.#folder + sep))
    const gone = inFolder.filter(({ torrentPath }) => this.#judged.has(torrentPath) && !stamps.has(torrentPath))
    const isDiskGone = (gone.length > 1 && stamps.size === 0) || (await identityOf(this.#folder)) !== this.#identity
    const confirmed = isDiskGone ? [] : gone.filter(({ torrentPath }) => this.#missing.has(torrentPath))
    const missing = gone.filter((document) => !confirmed.includes(document)).map(({ torrentPath }) => torrentPath)
    this.#missing = new Set(isDiskGone ? [] : missing)
    for (const document of confirmed) await this.#remove(document)
  }

  async #remove(document: Document): Promise<void> {
    const { torrentPath, id } = document
    if (this.#isClosed || !(await isGone(torrentPath))) return
    try {
      await this.#shelf.remove(document, false)
    } catch (error) {
      // It is out of the list nevertheless.
      if (!(error instanceof P2pError)) throw error
    }
    this.#judged.delete(torrentPath)
    // Put there again, it is taken up again.
    this.#resources.library.delete(id)
  }
}

/** Torrent files, and others that end in .json, as they are: size, time of the last change and inode. */
async function stampsOf({ paths }: Listing): Promise<Map<string, string>> {
  const candidates = paths.filter((path) => path.endsWith(".json"))
  const stamps = await pLimit(STATS_AT_ONCE).map(candidates, async (path): Promise<readonly [string, string][]> => {
    const stats = await lstat(path).catch(undefinedIfGone)
    return stats === undefined ? [] : [[path, `${stats.size} ${stats.mtimeMs} ${stats.ino}`]]
  })
  return new Map(stamps.flat())
}

async function isInTheWay(filePath: string): Promise<boolean> {
  const stats = await stat(filePath).catch(undefinedIfGone)
  // An unfinished download of it is resumed.
  return stats !== undefined && (await stat(downloadNames(filePath).part).catch(undefinedIfGone)) === undefined
}

/** Not so when its folder can't be seen either: a disk that is not mounted. */
async function isGone(path: string): Promise<boolean> {
  if ((await lstat(path).catch(undefinedIfGone)) !== undefined) return false
  return (await lstat(dirname(path)).catch(undefinedIfGone)) !== undefined
}

async function identityOf(folder: string): Promise<string> {
  const stats = await stat(folder).catch(undefinedIfGone)
  return stats === undefined ? "" : `${stats.dev} ${stats.ino}`
}

async function isRemote(folder: string): Promise<boolean> {
  const found = await statfs(folder).catch(undefinedIfGone)
  return found === undefined || REMOTE_TYPES.has(found.type)
}

function undefinedIfGone(error: unknown): undefined {
  if (errnoOf(error) === undefined) throw error
  return undefined
}
