import { CommandError, errnoOf, type P2pError, StoreError } from "../base/errors.js"
import { formatCount } from "../base/format-bytes.js"
import { discardDownload } from "../store/discard-download.js"
import type { DocumentStore } from "../store/document-store.js"
import { downloadNames } from "../store/download-names.js"
import { sameIdentity } from "../store/file-identity.js"
import { weaknessOf } from "../store/file-system-kind.js"
import { identityOfDocument } from "../store/folder-look.js"
import { requireRoomToWiden } from "../store/folder-room.js"
import type { OnMoved } from "../store/move-aside.js"
import { makeUnfinished } from "../store/open-download.js"
import { wantedCountIn } from "../store/wanted-parts.js"
import { partLength, partOffset } from "../torrent/lengths.js"
import type { ClientResources } from "./client-resources.js"
import type { DescribedDocument } from "./described-document.js"
import type { CheckingPhase } from "./document-phase.js"
import { closeStore } from "./leave-swarm.js"
import { openStore } from "./open-store.js"
import { requireServedByNoOther, withHolderNamed } from "./target-holder.js"
import type { WantedFiles } from "./wanted-files.js"

interface OpenOptions {
  readonly mode: "download" | "seed"
  readonly check: boolean
  readonly signal: AbortSignal
  readonly onChecking: (phase: CheckingPhase) => void
  readonly onMoved: OnMoved
}

/** The file of one document: an unfinished download, or an existing file. */
export class DocumentFile {
  readonly #document: DescribedDocument
  readonly #resources: ClientResources
  #opened: DocumentStore | undefined

  constructor(document: DescribedDocument, resources: ClientResources) {
    this.#document = document
    this.#resources = resources
  }

  /** Parts found good on disk when it was opened last; more may come until all was looked through. */
  get reusedCount(): number {
    return this.#opened?.reusedCount ?? 0
  }

  /** `check` hashes all that is on disk. Rejects with a P2pError, or the signal's reason. */
  async open({ mode, check, signal, onChecking, onMoved }: OpenOptions): Promise<DocumentStore> {
    const { id, torrent, filePath, wanted } = this.#document
    const isRepair = mode === "download" && this.#resources.library.get(id)?.repair !== undefined
    if (isRepair) await requireServedByNoOther(this.#document, this.#resources.documents)
    const opening = openStore({
      ...{ resources: this.#resources, torrent, filePath, wanted, signal, onChecking, onMoved },
      download: mode === "download",
      recheck: check,
    })
    const store = await withHolderNamed(opening, this.#document, this.#resources.documents)
    this.#opened = store
    if (store.isGrowing) await this.#reportWeakness()
    else if (!store.isComplete) this.#reportDifference(store)
    if (store.recordProblem !== undefined)
      this.#document.event("warn", "record_ignored", `${store.recordProblem}: all data on disk was checked`)
    return store
  }

  /** Of a folder, the other parts are served. */
  #reportDifference({ have, lengths, wanted }: DocumentStore): void {
    const { torrent, filePath } = this.#document
    let first = 0
    while (have.has(first) || wanted?.has(first) === false) first++
    const [span] = torrent.files?.spans(partOffset(lengths, first), partLength(lengths, first)) ?? []
    const file = span === undefined ? filePath : `${filePath}/${torrent.files?.path(span.fileIndex)}`
    const all = wanted?.count ?? have.partCount
    const count = all - wantedCountIn(have, wanted)
    const message = `${formatCount(count)} of ${formatCount(all)} parts are not served, because files differ; the first begins in ${file}; "recheck" looks again`
    this.#document.event("warn", "folder_differs", message)
  }

  async #reportWeakness(): Promise<void> {
    const { filePath } = this.#document
    // A folder that can't be asked any more fails the document when it is written to.
    const weakness = await weaknessOf(filePath).catch(() => undefined)
    const { reportedWeaknesses } = this.#resources
    if (weakness === undefined || reportedWeaknesses.has(weakness)) return
    reportedWeaknesses.add(weakness)
    this.#document.event("warn", "weak_file_system", `${filePath}: ${weakness}; see docs/user/files-on-disk.md`)
  }

  /** True when it is remembered how the finished file was when it was last verified. */
  get isKnown(): boolean {
    return this.#resources.library.get(this.#document.id)?.identity !== undefined
  }

  /** True when the finished file is unchanged since its last verification, so that it can be served without hashing. */
  async isBack(): Promise<boolean> {
    const known = this.#resources.library.get(this.#document.id)?.identity
    if (known === undefined) return false
    const { filePath, torrent, wanted } = this.#document
    const asidePath = wanted && downloadNames(filePath).aside
    return identityOfDocument(this.#resources.disk.hasher, filePath, torrent.files, asidePath).then(
      (identity) => sameIdentity(identity, known),
      () => false,
    )
  }

  /** Closes a store that no swarm has used; `discard` deletes its unfinished bytes. Resolves to what failed. */
  async close(store: DocumentStore, discard: boolean): Promise<P2pError | undefined> {
    const failure = await closeStore(store, discard)
    this.#resources.spaceClaims.release(this.#document.id)
    return failure
  }

  /** Before a finished folder is left for a wider selection. @throws CommandError "disk_full". A folder that is gone needs no room here. */
  async requireRoom(wanted: WantedFiles | undefined): Promise<void> {
    const { torrent, filePath } = this.#document
    const { disk } = this.#resources
    if (torrent.files === undefined) return
    await requireRoomToWiden({ disk, path: filePath, layout: torrent.files }, wanted?.files).catch((error: unknown) => {
      // What else is wrong with the folder, its opening reports.
      const isToSay = error instanceof CommandError ? error.code === "disk_full" : errnoOf(error) === undefined
      if (isToSay) throw error
    })
  }

  /** True when the file failed its check because it was damaged, and can be fetched again because this client downloaded it. */
  isMendable(error: unknown): boolean {
    const isDamaged = error instanceof StoreError && error.code === "file_changed"
    return isDamaged && this.#resources.library.get(this.#document.id)?.fetched === true
  }

  /** A finished file that is damaged becomes a download again, so that its good parts are kept. */
  async makeUnfinished(): Promise<void> {
    const { id, filePath } = this.#document
    await makeUnfinished(filePath)
    this.#resources.library.update(id, { download: true, fetched: false, identity: undefined })
  }

  /** Deletes the bytes of a download whose store is not open. Resolves to whether there were any; rejects as `discardDownload`. */
  discardUnopened(): Promise<boolean> {
    const { id, torrent, filePath } = this.#document
    const isOurs = this.#opened !== undefined || this.#resources.library.get(id)?.haveCount !== undefined
    const { disk, documents } = this.#resources
    const discarded = discardDownload({ filePath, torrent, isOurs, calls: disk.calls })
    return withHolderNamed(discarded, this.#document, documents)
  }
}
