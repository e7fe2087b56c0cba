import type { Dirent } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import pLimit from "p-limit"
import type { EventListener } from "../api/events.js"
import { errnoOf, P2pError } from "../base/errors.js"
import { readTorrentFile, readTorrentFiles } from "../store/torrent-on-disk.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { safeFileName } from "../torrent/safe-name.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { torrentFilesAmong } from "./torrent-probe.js"

/** A torrent file of the service folder, and the file or folder in it that is most likely its document. */
export interface FoundDocument {
  readonly torrent: Torrent
  readonly torrentPath: string
  readonly filePath: string
}

/** Folders below the service folder that are looked into: a person's own order, not a whole disk. */
const MAX_DEPTH = 4

/** Files of a folder that must exist with their sizes for it to count as a document; the others are checked when it is opened. Our choice. */
const PROBED_FILES = 16

/** Files that are checked in parallel, because a remote disk answers slowly. Our choice. */
const LOOKED_AT_ONCE = 32

/**
 * Looks through the service folder for torrent files and the files and folders they describe. A torrent file without its document is
 * skipped: the document may be downloaded later. Damaged torrent files are reported once and skipped. Folder documents are not searched:
 * their contents come from other clients, and torrent files in them are not the user's choice.
 * @param skip torrent paths that are known already, and paths of folder documents
 */
export async function scanService(
  folder: string,
  skip: ReadonlySet<string>,
  onEvent: EventListener,
): Promise<FoundDocument[]> {
  const { paths, folders } = await listFiles(folder, MAX_DEPTH, skip)
  const files = new ServiceFiles(paths, folders)
  const candidates = await torrentFilesAmong(paths.filter((path) => path.endsWith(".json") && !skip.has(path)))
  const torrents = await readTorrentFiles(candidates)
  const found = await pLimit(LOOKED_AT_ONCE).map(candidates, async (torrentPath, index): Promise<FoundDocument[]> => {
    const torrent = torrents[index]
    if (torrent === undefined) return []
    if (torrent instanceof P2pError) {
      reportSkipped(torrentPath, torrent, onEvent)
      return []
    }
    const filePath = await files.describedBy(torrent, torrentPath)
    return filePath === undefined ? [] : [{ torrent, torrentPath, filePath }]
  })
  return outsideOfFolders(found.flat())
}

/** Without those whose torrent file lies in a folder that another one describes. */
function outsideOfFolders(found: readonly FoundDocument[]): FoundDocument[] {
  const folders = new Set(found.flatMap(({ torrent, filePath }) => (torrent.files === undefined ? [] : [filePath])))
  const isInside = (path: string): boolean => {
    const above = dirname(path)
    return above !== path && (folders.has(above) || isInside(above))
  }
  return found.filter(({ torrentPath }) => !isInside(torrentPath))
}

/** The files and folders of a service folder, to be found by name; files by size, too. */
export class ServiceFiles {
  readonly #paths: readonly string[]
  readonly #folders: ReadonlySet<string>
  readonly #known: ReadonlySet<string>
  #bySize: Promise<ReadonlyMap<number, readonly string[]>> | undefined

  constructor(paths: readonly string[], folders: ReadonlySet<string>) {
    this.#paths = paths
    this.#folders = folders
    this.#known = new Set(paths)
  }

  /** By its name beside the torrent file, by the torrent file's own name, else the only file of exactly that size. */
  async describedBy(torrent: Torrent, torrentPath: string): Promise<string | undefined> {
    const folder = dirname(torrentPath)
    const stem = basename(torrentPath).replace(/(\.torrent)?\.json$/, "")
    const names = [torrent.name === undefined ? stem : safeFileName(torrent.name), stem]
    if (torrent.files !== undefined) return this.#folderOf(torrent.files, folder, names)
    for (const path of names.map((name) => join(folder, name)))
      if (path !== torrentPath && this.#known.has(path) && (await sizeOf(path)) === torrent.sizeBytes) return path
    this.#bySize ??= this.#sizes()
    const sameSize = ((await this.#bySize).get(torrent.sizeBytes) ?? []).filter((path) => path !== torrentPath)
    // Without a name, files of equal size can't be distinguished; a wrong guess costs a check, and the number of guesses is unbounded.
    return sameSize.length === 1 ? sameSize[0] : undefined
  }

  async #folderOf(files: FolderLayout, folder: string, names: readonly string[]): Promise<string | undefined> {
    for (const path of names.map((name) => join(folder, name)))
      if (this.#folders.has(path) && (await looksLike(files, path))) return path
    return undefined
  }

  /** Looks at every file once, however many torrent files there are. */
  async #sizes(): Promise<ReadonlyMap<number, readonly string[]>> {
    const sizes = await pLimit(LOOKED_AT_ONCE).map(this.#paths, sizeOf)
    const bySize = new Map<number, string[]>()
    for (const [index, path] of this.#paths.entries()) {
      const size = sizes[index] ?? -1
      const same = bySize.get(size)
      if (same === undefined) bySize.set(size, [path])
      else same.push(path)
    }
    return bySize
  }
}

async function looksLike(files: FolderLayout, folder: string): Promise<boolean> {
  for (let index = 0, probed = 0; index < files.entryCount && probed < PROBED_FILES; index++) {
    if (files.isPadding(index)) continue
    if ((await sizeOf(join(folder, files.path(index)))) !== files.sizeOf(index)) return false
    probed++
  }
  return true
}

/** -1 when it is gone. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (stats) => stats.size,
    () => -1,
  )
}

/** A torrent file, or a report of what is wrong with it. */
export async function readQuietly(path: string, onEvent: EventListener): Promise<Torrent | undefined> {
  try {
    return await readTorrentFile(path)
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    reportSkipped(path, error, onEvent)
    return undefined
  }
}

function reportSkipped(path: string, error: P2pError, onEvent: EventListener): void {
  onEvent({ level: "warn", name: "torrent_skipped", message: `${path} is skipped: ${error.message}` })
}

/** What is in a service folder, as far as it is looked into. `skip`: folders that are not. */
export function listService(folder: string, skip: ReadonlySet<string>): Promise<Listing> {
  return listFiles(folder, MAX_DEPTH, skip)
}

export interface Listing {
  /** Of regular files, folder by folder. */
  readonly paths: string[]
  readonly folders: Set<string>
}

/** Hidden files and folders, unfinished downloads and the contents of folders in `skip` are omitted. Links are not followed. */
async function listFiles(
  folder: string,
  depth: number,
  skip: ReadonlySet<string>,
  listing: Listing = { paths: [], folders: new Set() },
): Promise<Listing> {
  for (const entry of await entriesOf(folder)) {
    if (entry.name.startsWith(".") || entry.name.endsWith(".part")) continue
    const path = join(folder, entry.name)
    if (entry.isFile()) listing.paths.push(path)
    if (!entry.isDirectory()) continue
    listing.folders.add(path)
    if (depth > 1 && !skip.has(path)) await listFiles(path, depth - 1, skip, listing)
  }
  return listing
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    // A folder that can't be looked into holds nothing for us; the service folder itself was checked before.
    if (errnoOf(error) !== undefined) return []
    throw error
  }
}
