import { dirname, isAbsolute, join, relative, resolve } from "node:path"
import { isDeepStrictEqual } from "node:util"
import type { EventListener } from "../api/events.js"
import { type Clock, systemClock } from "../base/clock.js"
import { reasonOf } from "../base/errno-words.js"
import { errnoOf } from "../base/errors.js"
import { makeFolder } from "../base/make-folder.js"
import { writeFileAtomic } from "../store/atomic-file.js"
import { type AwaitedEntry, withPath } from "./awaited-entry.js"
import type { LibraryEntry } from "./library-entry.js"
import { dropLibraryDrafts, readLibraryFile, type StoredLimits } from "./library-file.js"
import type { OwnedFolder } from "./take-folder.js"
import { type UploadEntry, withUploadPaths } from "./upload-entry.js"

/** Delay before a failed write of the list (no free descriptor, full disk) is retried, ms; our choice. */
const RETRY_MS = 5_000

/**
 * The documents this client knows, kept in `documents.json` of its state folder. Written whole, by rename, after a change;
 * changes that come while one is written go out together. Nothing is written once the folder is another client's.
 */
export class Library {
  readonly #folder: OwnedFolder
  readonly #path: string
  readonly #baseFolder: string
  readonly #entries = new Map<string, LibraryEntry>()
  readonly #awaited = new Map<string, AwaitedEntry>()
  readonly #uploads = new Map<string, UploadEntry>()
  readonly #onEvent: EventListener
  #limits: StoredLimits = {}
  #port: number | undefined
  #dirty = false
  #writing: Promise<void> | undefined
  readonly #clock: Clock
  #stopRetry: () => void = () => undefined
  /** The last write failed, and an event has reported it. */
  #failed = false
  #isClosed = false

  /** Paths below `baseFolder` are stored relative to it, so that it can be moved as a whole. */
  constructor(folder: OwnedFolder, onEvent: EventListener, baseFolder: string, clock: Clock = systemClock) {
    this.#clock = clock
    this.#baseFolder = baseFolder
    this.#folder = folder
    this.#path = join(folder.stateFolder, "documents.json")
    this.#onEvent = onEvent
  }

  /** Reads the list. A damaged one is set aside and reported: the documents of the service folder are found anyway. */
  async load(): Promise<void> {
    await dropLibraryDrafts(this.#path)
    const stored = await readLibraryFile(this.#path, this.#onEvent)
    if (stored === undefined) return
    const absolute = (path: string) => resolve(this.#baseFolder, path)
    this.#limits = stored.limits ?? {}
    this.#port = stored.port
    for (const entry of stored.documents) this.#entries.set(entry.id, this.#withPaths(entry, absolute))
    for (const entry of stored.awaited) this.#awaited.set(entry.id, withPath(entry, absolute))
    for (const entry of stored.uploads) this.#uploads.set(entry.id, withUploadPaths(entry, absolute))
  }

  all(): LibraryEntry[] {
    return [...this.#entries.values()]
  }

  get(id: string): LibraryEntry | undefined {
    return this.#entries.get(id)
  }

  /** Remembers a document, and has it written soon where it is new or changed. */
  put(entry: LibraryEntry): void {
    if (isDeepStrictEqual(this.#entries.get(entry.id), entry)) return
    this.#entries.set(entry.id, entry)
    this.#touch()
  }

  get limits(): StoredLimits {
    return this.#limits
  }

  /** Remembers limits of the client, and has them written soon. */
  keepLimits(change: StoredLimits): void {
    this.#limits = { ...this.#limits, ...change }
    this.#touch()
  }

  /** Where the client listened last, if the config leaves the port open. */
  get port(): number | undefined {
    return this.#port
  }

  /** Remembers the port, and has it written soon. */
  keepPort(port: number): void {
    if (port === this.#port) return
    this.#port = port
    this.#touch()
  }

  /** Changes a remembered document, and has it written soon. Does nothing for an unknown one. */
  update(id: string, change: Partial<Omit<LibraryEntry, "id">>): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) this.put({ ...entry, ...change })
  }

  delete(id: string): void {
    if (this.#entries.delete(id)) this.#touch()
  }

  awaited(): AwaitedEntry[] {
    return [...this.#awaited.values()]
  }

  putAwaited(entry: AwaitedEntry): void {
    this.#awaited.set(entry.id, entry)
    this.#touch()
  }

  deleteAwaited(id: string): void {
    if (this.#awaited.delete(id)) this.#touch()
  }

  /** That were being hashed. */
  uploads(): UploadEntry[] {
    return [...this.#uploads.values()]
  }

  putUpload(entry: UploadEntry): void {
    this.#uploads.set(entry.id, entry)
    this.#touch()
  }

  deleteUpload(id: string): void {
    if (this.#uploads.delete(id)) this.#touch()
  }

  /** Resolves when everything is on disk, or when one more write has failed, which is reported. */
  async flush(): Promise<void> {
    if (this.#dirty) this.#writeSoon()
    await this.still()
    this.#stopRetry()
  }

  /** Resolves when no write is under way. */
  async still(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  /** As `flush`; nothing is written any more, for the folder is about to be another client's. */
  async close(): Promise<void> {
    await this.flush()
    this.#isClosed = true
    await this.still()
    this.#stopRetry()
  }

  /** Another client works on the folder, or may do so soon. */
  get #isLeft(): boolean {
    return this.#isClosed || this.#folder.lost.aborted
  }

  #touch(): void {
    this.#dirty = true
    this.#writeSoon()
  }

  #writeSoon(): void {
    this.#stopRetry()
    if (this.#isLeft) return
    this.#writing ??= this.#writeOrReport().finally(() => {
      this.#writing = undefined
      // A change of this very turn has found a write that was under way, and looked for no more.
      if (this.#dirty && !this.#failed) this.#writeSoon()
    })
  }

  /** The write has no waiting caller: a system error is reported as an event, and the write is retried. */
  async #writeOrReport(): Promise<void> {
    try {
      await this.#write()
      this.#failed = false
    } catch (error) {
      if (error === this.#folder.lost.reason) return
      const code = errnoOf(error)
      if (code === undefined) throw error
      this.#dirty = true
      this.#stopRetry = this.#clock.after(RETRY_MS, () => this.#writeSoon())
      if (this.#failed) return
      this.#failed = true
      const message = `the list of documents, ${this.#path}, can't be written: ${reasonOf(error)}; it is tried again, and until then this client may forget what is new`
      this.#onEvent({ level: "warn", name: "library_not_written", message })
    }
  }

  #withPaths(entry: LibraryEntry, change: (path: string) => string): LibraryEntry {
    return { ...entry, torrentPath: change(entry.torrentPath), filePath: change(entry.filePath) }
  }

  readonly #stored = (path: string): string => {
    const below = relative(this.#baseFolder, path)
    return below === "" || below.startsWith("..") || isAbsolute(below) ? path : below
  }

  async #write(): Promise<void> {
    await makeFolder(dirname(this.#path), 0o700)
    while (this.#dirty && !this.#isLeft) {
      this.#dirty = false
      await writeFileAtomic(
        this.#path,
        JSON.stringify({
          version: 1,
          documents: this.all().map((entry) => this.#withPaths(entry, this.#stored)),
          limits: this.#limits,
          ...(this.#uploads.size > 0 && {
            uploads: this.uploads().map((entry) => withUploadPaths(entry, this.#stored)),
          }),
          ...(this.#port !== undefined && { port: this.#port }),
          ...(this.#awaited.size > 0 && { awaited: this.awaited().map((entry) => withPath(entry, this.#stored)) }),
        }),
        { mode: 0o600, confirm: this.#folder.confirm },
      )
    }
  }
}
