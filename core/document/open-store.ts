import { StoreError } from "../base/errors.js"
import { formatCount } from "../base/format-bytes.js"
import type { CheckProgress } from "../store/check-parts.js"
import type { DocumentStore } from "../store/document-store.js"
import type { FileIdentity } from "../store/file-identity.js"
import type { OnMoved } from "../store/move-aside.js"
import { openDownload } from "../store/open-download.js"
import { openSeed } from "../store/open-seed.js"
import type { Repair } from "../store/repair.js"
import { wantedCountIn } from "../store/wanted-parts.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { ClientResources } from "./client-resources.js"
import { beginsToCheck, type CheckingPhase } from "./document-phase.js"
import type { WantedFiles } from "./wanted-files.js"

export interface OpenStoreOptions {
  readonly resources: ClientResources
  readonly torrent: Torrent
  readonly filePath: string
  /** Of a folder; undefined: every file is wanted. */
  readonly wanted: WantedFiles | undefined
  /** An unfinished download; else a file to be served as it is. */
  readonly download: boolean
  /** Believe nothing that was recorded: hash all that is on disk. */
  readonly recheck: boolean
  readonly signal: AbortSignal
  readonly onChecking: (phase: CheckingPhase) => void
  /** Files that became wanted get their place; see `moveIn`. */
  readonly onMoved: OnMoved
}

/**
 * Opens a document's bytes, checking as little as is safe, and remembers a file that was found whole. A download claims the space that it
 * lacks until `spaceClaims.release`.
 */
export async function openStore(options: OpenStoreOptions): Promise<DocumentStore> {
  const { resources, torrent, filePath, wanted, signal, onChecking } = options
  const { clock, disk } = resources
  const begin = beginsToCheck(clock.now())
  onChecking(begin)
  const onProgress = ({ checkedCount, goodCount }: CheckProgress) => {
    const { rate } = begin
    rate.add(checkedCount * torrent.partSizeBytes - rate.totalBytes)
    rate.sample(clock.now())
    onChecking({ type: "checking", checkedCount, goodCount, rate })
  }
  const onIdentity = (identity: FileIdentity) => resources.library.update(torrent.hash, { identity })
  const hooks = { disk, torrent, filePath, selection: wanted?.files, signal, onProgress, onIdentity }
  if (!options.download) return openWhole(options, hooks)
  const { spaceClaims } = resources
  await spaceClaims.claim(torrent.hash, filePath, wanted?.partBytes ?? torrent.sizeBytes)
  try {
    const { drafts } = resources
    const store = await openDownload({ ...hooks, drafts, repair: repairOf(options), onMoved: options.onMoved })
    if (options.recheck && store.isGrowing) await closedOnError(store, store.check(hooks))
    spaceClaims.follow(torrent.hash, () => store.missingBytes)
    return store
  } catch (error) {
    spaceClaims.release(torrent.hash)
    throw error
  }
}

/** The user's consent outlives this run. */
function repairOf({ resources, torrent }: OpenStoreOptions): Repair | undefined {
  const { library } = resources
  const agreed = library.get(torrent.hash)?.repair
  return agreed && { old: agreed.old, onOld: (old) => library.update(torrent.hash, { repair: { old } }) }
}

async function openWhole(options: OpenStoreOptions, hooks: Parameters<typeof openSeed>[0]): Promise<DocumentStore> {
  const { library } = options.resources
  const id = options.torrent.hash
  const known = library.get(id)
  const remembered = options.recheck ? undefined : known?.identity
  // A recheck of a folder that was downloaded fails instead, and what differs is downloaded again.
  const partly = options.torrent.files !== undefined && !(options.recheck && known?.fetched === true)
  const store = await openSeed({ ...hooks, remembered, partly })
  const { have, identity } = store
  if (identity !== undefined) {
    if (identity.ctimeNs !== remembered?.ctimeNs) library.update(id, { identity })
    return store
  }
  // Size and times of the file may be unchanged since its verification, but the identity is no longer trusted.
  library.update(id, { identity: undefined })
  if (partly && have.count > 0) return store
  await store.close()
  const count = store.wanted?.count ?? have.partCount
  const bad = count - wantedCountIn(have, store.wanted)
  const named = have.count === 0 ? "" : ` (${missingWords(have, store.wanted)})`
  throw new StoreError(
    // A file without a good part is no damaged copy but another file, which must not be repaired.
    have.count === 0 ? "file_replaced" : "file_changed",
    `${options.filePath}: ${formatCount(bad)} of ${formatCount(count)} parts ${bad === 1 ? "is" : "are"} damaged${named}, so nothing of it is served`,
  )
}

/** Parts that a sentence names. Our choice. */
const NAMED_PARTS = 5

/** "2", "2, 7", "0, 1, 2, 3, 4, …": the indices of the first damaged parts. */
function missingWords(have: Bitfield, wanted: Bitfield | undefined): string {
  const missing: number[] = []
  for (let part = 0; part < have.partCount && missing.length <= NAMED_PARTS; part++)
    if (!have.has(part) && wanted?.has(part) !== false) missing.push(part)
  return [...missing.slice(0, NAMED_PARTS), ...(missing.length > NAMED_PARTS ? ["…"] : [])].join(", ")
}

async function closedOnError(store: DocumentStore, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    await store.close()
    throw error
  }
}
