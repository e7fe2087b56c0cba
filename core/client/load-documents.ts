import pLimit from "p-limit"
import { CommandError, P2pError } from "../base/errors.js"
import type { ClientResources } from "../document/client-resources.js"
import type { LibraryEntry } from "../library/library-entry.js"
import { type FoundDocument, scanService } from "../library/scan-service.js"
import { downloadNames } from "../store/download-names.js"
import { readTorrentFiles } from "../store/torrent-on-disk.js"
import { statsIfThere } from "../store/unfinished-file.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { DocumentShelf } from "./document-shelf.js"
import { uploadTrackerPort } from "./upload-tracker.js"

/** Files that are looked for side by side at the start. Our choice. */
const LOOKED_AT_ONCE = 16

/**
 * Restores the documents of the last run and adds those of the service folder. A document without its torrent file is described by this
 * client's copy, and one that was moved in the service folder is found there; one that can't be restored is listed as failed. Documents
 * are opened in the background.
 */
export async function loadDocuments(
  shelf: DocumentShelf,
  resources: ClientResources,
  serviceFolder: string,
): Promise<void> {
  const { library, onEvent } = resources
  const atOnce = pLimit(LOOKED_AT_ONCE)
  await atOnce.map(library.all(), (entry) => forgetIfGone(entry, resources))
  const known = library.all().filter((entry) => !entry.removed)
  const read = (await readTorrentFiles(known.map((entry) => entry.torrentPath))).map((torrent, index) =>
    ownOf(torrent, known[index]),
  )
  const readable = known.filter((_, index) => !(read[index] instanceof P2pError))
  const skip = new Set([...readable.map((entry) => entry.torrentPath), ...library.all().map((entry) => entry.filePath)])
  const found = new Map<string, FoundDocument>()
  for (const document of await scanService(serviceFolder, skip, onEvent))
    if (!found.has(document.torrent.hash)) found.set(document.torrent.hash, document)
  const restored: Restored[] = []
  for (const [index, entry] of known.entries())
    restored.push({ entry, described: await describe(entry, read[index], found.get(entry.id), resources) })
  await startUploadTracker(restored, [...found.values()], resources)
  for (const { entry, described } of restored) {
    if (described instanceof P2pError) shelf.lost(entry, described)
    else shelf.takeUp(described.entry, described.torrent)
  }
  for (const { torrent, ...place } of found.values())
    if (library.get(torrent.hash) === undefined) shelf.found(torrent, place)
}

/** A document of the last run, or why it can't be restored. */
interface Restored {
  readonly entry: LibraryEntry
  readonly described: { readonly entry: LibraryEntry; readonly torrent: Torrent } | P2pError
}

/** Before the uploads of an earlier run are announced: their peers look for it. */
async function startUploadTracker(
  restored: readonly Restored[],
  found: readonly FoundDocument[],
  { library, trackerForUploads }: ClientResources,
): Promise<void> {
  const isKnown = ({ torrent }: FoundDocument) => library.get(torrent.hash) !== undefined
  const ports = [
    ...restored.map(({ described }) =>
      described instanceof P2pError ? undefined : uploadTrackerPort(described.entry, described.torrent),
    ),
    ...found.filter((each) => !isKnown(each)).map(({ torrent }) => uploadTrackerPort({}, torrent)),
  ]
  const port = ports.find((each) => each !== undefined)
  if (port !== undefined) await trackerForUploads(port)
}

/** That a document was removed need only be remembered while its torrent file may be found. */
async function forgetIfGone({ id, removed, torrentPath }: LibraryEntry, { library }: ClientResources): Promise<void> {
  if (removed && (await isMissing(torrentPath))) library.delete(id)
}

/** What the user's path has, or the reason it cannot be used. */
function ownOf(read: Torrent | P2pError, entry: LibraryEntry | undefined): Torrent | P2pError {
  return read instanceof P2pError || read.hash === entry?.id
    ? read
    : new CommandError("other_torrent", `${entry?.torrentPath}: it describes another document by now`)
}

async function describe(
  entry: LibraryEntry,
  own: Torrent | P2pError | undefined,
  found: FoundDocument | undefined,
  { copies }: ClientResources,
): Promise<{ readonly entry: LibraryEntry; readonly torrent: Torrent } | P2pError> {
  const moved = await placeNow(entry, own instanceof P2pError, found)
  if (own !== undefined && !(own instanceof P2pError)) return { entry: moved, torrent: own }
  const torrent = found?.torrent ?? (await copies.read(entry.id))
  if (torrent !== undefined) return { entry: moved, torrent }
  return own ?? new CommandError("no_such_file", `${entry.torrentPath}: no such file`)
}

/** A file found in the service folder replaces a missing one. */
async function placeNow(
  entry: LibraryEntry,
  isTorrentGone: boolean,
  found: FoundDocument | undefined,
): Promise<LibraryEntry> {
  if (found === undefined) return entry
  const torrentPath = isTorrentGone ? found.torrentPath : entry.torrentPath
  const isFileGone =
    (await isMissing(entry.filePath)) && !(entry.download && !(await isMissing(downloadNames(entry.filePath).part)))
  return { ...entry, torrentPath, ...(isFileGone && { filePath: found.filePath, download: false }) }
}

/** False also when the answer is unknown, as on a failing disk. */
async function isMissing(path: string): Promise<boolean> {
  return statsIfThere(path).then(
    (stats) => stats === undefined,
    () => false,
  )
}
