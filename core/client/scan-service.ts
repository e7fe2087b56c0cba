import type { Dirent } from "node:fs"
import { open, readdir, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { errnoOf, P2pError } from "../errors.js"
import { safeFileName } from "../torrent/safe-name.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { readTorrentFile } from "../torrent/torrent-on-disk.js"
import type { EventListener } from "./events.js"

/** A torrent file of the service folder, and the file in it that is most likely its document. */
export interface FoundDocument {
  readonly torrent: Torrent
  readonly torrentPath: string
  readonly filePath: string
}

/** Folders below the service folder that are looked into: a person's own order, not a whole disk. */
const MAX_DEPTH = 4

/** How much of a JSON file is read to see whether it is a torrent file at all. */
const PROBE_BYTES = 4_096

interface ServiceFile {
  readonly path: string
  readonly sizeBytes: () => Promise<number>
}

/**
 * Looks through the service folder for torrent files and the files they describe. A torrent file whose document is not there is
 * left out: it is somebody's to download. Damaged torrent files are told, once, and skipped.
 * @param skip torrent paths that are known already
 */
export async function scanService(
  folder: string,
  skip: ReadonlySet<string>,
  onEvent: EventListener,
): Promise<FoundDocument[]> {
  const files = await listFiles(folder, MAX_DEPTH)
  const found: FoundDocument[] = []
  for (const { path } of files) {
    if (!path.endsWith(".json") || skip.has(path) || !(await looksLikeTorrent(path))) continue
    const torrent = await readQuietly(path, onEvent)
    if (torrent === undefined) continue
    const filePath = await findFile(torrent, path, files)
    if (filePath !== undefined) found.push({ torrent, torrentPath: path, filePath })
  }
  return found
}

async function readQuietly(path: string, onEvent: EventListener): Promise<Torrent | undefined> {
  try {
    return await readTorrentFile(path)
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    onEvent({ level: "warn", name: "torrent_skipped", message: `${path} is left out: ${error.message}` })
    return undefined
  }
}

/** By its name beside the torrent file, by the torrent file's own name, else the only file of exactly that size. */
async function findFile(
  torrent: Torrent,
  torrentPath: string,
  files: readonly ServiceFile[],
): Promise<string | undefined> {
  const folder = dirname(torrentPath)
  const stem = basename(torrentPath).replace(/(\.torrent)?\.json$/, "")
  const likely = [torrent.name === undefined ? stem : safeFileName(torrent.name), stem].map((name) =>
    join(folder, name),
  )
  const sameSize: string[] = []
  for (const file of files) {
    if (file.path === torrentPath || (await file.sizeBytes()) !== torrent.sizeBytes) continue
    if (likely.includes(file.path)) return file.path
    sameSize.push(file.path)
  }
  // Without a name there is no telling equal sizes apart; a wrong guess would only cost a check, but an unbounded number would not.
  return sameSize.length === 1 ? sameSize[0] : undefined
}

async function looksLikeTorrent(path: string): Promise<boolean> {
  const handle = await open(path, "r").catch(() => undefined)
  if (handle === undefined) return false
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(PROBE_BYTES), 0, PROBE_BYTES, 0)
    return Buffer.from(buffer.subarray(0, bytesRead)).includes('"FileInfo"')
  } finally {
    await handle.close()
  }
}

/** Regular files, folder by folder, hidden ones and unfinished downloads left out. Links are not followed. */
async function listFiles(folder: string, depth: number): Promise<ServiceFile[]> {
  const files: ServiceFile[] = []
  for (const entry of await entriesOf(folder)) {
    if (entry.name.startsWith(".") || entry.name.endsWith(".part")) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory() && depth > 1) files.push(...(await listFiles(path, depth - 1)))
    else if (entry.isFile()) files.push({ path, sizeBytes: sizeOnce(path) })
  }
  return files
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

/** A file's size, looked up when it is first asked for; -1 when it is gone. */
function sizeOnce(path: string): () => Promise<number> {
  let size: Promise<number> | undefined
  return () => {
    size ??= stat(path).then(
      (stats) => stats.size,
      () => -1,
    )
    return size
  }
}
