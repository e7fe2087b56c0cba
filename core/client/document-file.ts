import { StoreError } from "../errors.js"
import { discardDownload } from "../store/discard-download.js"
import type { DocumentStore } from "../store/document-store.js"
import { identityOf, sameIdentity } from "../store/file-identity.js"
import { makeUnfinished } from "../store/open-download.js"
import type { DescribedDocument } from "./described-document.js"
import type { CheckingPhase } from "./document-phase.js"
import { openStore } from "./open-store.js"
import type { Workshop } from "./workshop.js"

/** The file of one document: an unfinished download, or one that is there. */
export class DocumentFile {
  readonly #document: DescribedDocument
  readonly #workshop: Workshop
  /** True until the file has its own name. */
  isDownload: boolean
  #opened: DocumentStore | undefined

  constructor(document: DescribedDocument, workshop: Workshop, isDownload: boolean) {
    this.#document = document
    this.#workshop = workshop
    this.isDownload = isDownload
  }

  /** Parts found good on disk when it was opened last; more may come until all was looked through. */
  get reusedCount(): number {
    return this.#opened?.reusedCount ?? 0
  }

  /** "check" hashes all that is on disk. Rejects with a P2pError, or the signal's reason. */
  async open(
    mode: "trust" | "check",
    signal: AbortSignal,
    onChecking: (phase: CheckingPhase) => void,
  ): Promise<DocumentStore> {
    const { torrent, filePath } = this.#document
    const store = await openStore({
      ...{ workshop: this.#workshop, torrent, filePath, signal, onChecking },
      download: this.isDownload,
      recheck: mode === "check",
    })
    this.#opened = store
    if (store.recordProblem !== undefined)
      this.#document.event("warn", "record_ignored", `${store.recordProblem}: all that is on disk was checked`)
    return store
  }

  /** True when the finished file is there as it was when it was last verified, so that it can be served without being hashed. */
  async isBack(): Promise<boolean> {
    const known = this.#workshop.library.get(this.#document.id)?.identity
    if (this.isDownload || known === undefined) return false
    return identityOf(this.#document.filePath).then(
      (identity) => sameIdentity(identity, known),
      () => false,
    )
  }

  /** Closes a store that no swarm has used. */
  async close(store: DocumentStore): Promise<void> {
    this.#workshop.spaceClaims.release(this.#document.filePath)
    await store.close()
  }

  /**
   * After a check that failed: a finished file that we fetched and that was damaged since becomes a download again, so that its good parts are
   * kept. For anything else it rejects with `error`.
   */
  async makeUnfinished(error: unknown): Promise<void> {
    const { id, filePath } = this.#document
    const { library } = this.#workshop
    const isDamaged = error instanceof StoreError && error.code === "file_changed"
    if (!isDamaged || this.isDownload || library.get(id)?.fetched !== true) throw error
    await makeUnfinished(filePath)
    this.isDownload = true
    library.update(id, { download: true, fetched: false, identity: undefined })
  }

  /** Deletes the bytes of a download whose store is not open. Resolves to whether there were any; rejects as `discardDownload`. */
  discardUnopened(): Promise<boolean> {
    const { id, torrent, filePath } = this.#document
    const isOurs = this.#opened !== undefined || this.#workshop.library.get(id)?.haveCount !== undefined
    return discardDownload({ filePath, torrent, isOurs })
  }
}
