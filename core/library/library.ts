import { constants } from "node:fs"
import { readdir, unlink } from "node:fs/promises"
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { z } from "zod"
import type { EventListener } from "../api/events.js"
import { type Clock, systemClock } from "../base/clock.js"
import { reasonOf } from "../base/errno-words.js"
import { ConfigError, errnoOf } from "../base/errors.js"
import { makeFolder } from "../base/make-folder.js"
import { readAtMost } from "../base/read-at-most.js"
import { isDraftOf, writeFileAtomic } from "../store/atomic-file.js"
import { setAside } from "../store/move-file.js"
import { type AwaitedEntry, awaitedSchema, withPath } from "./awaited-entry.js"
import { entrySchema, type LibraryEntry } from "./library-entry.js"
import { type UploadEntry, uploadSchema, withUploadPaths } from "./upload-entry.js"

/** `rate`: bytes per second, null for none. It holds as long as the config says what it said then. */
const limitSchema = z.object({ rate: z.number().positive().nullable(), config: z.number().nullable() })

const limitsSchema = z.object({ down: limitSchema.optional(), up: limitSchema.optional() })

/** Limits of the client that a command has set. */
export type StoredLimits = z.infer<typeof limitsSchema>

const librarySchema = z.object({
  version: z.literal(1),
  documents: z.array(entrySchema),
  limits: limitsSchema.optional().catch(undefined),
  awaited: z.array(awaitedSchema).default([]),
  uploads: z.array(uploadSchema).default([]),
  port: z.int().min(1).max(65_535).optional().catch(undefined),
})

/** A million documents with a few peers each. Our choice; a longer file is not our list, and exceeds JavaScript's string length. */
const MAX_LIST_BYTES = 256 * 1024 * 1024

const laterSchema = z.object({ version: z.number().int().min(2) })

/** Delay before a failed write of the list (no free descriptor, full disk) is retried, ms; our choice. */
const RETRY_MS = 5_000

/**
 * The documents this client knows, kept in `documents.json` of its state folder. Written whole, by rename, after a change;
 * changes that come while one is written go out together.
 */
export class Library {
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
  #isAnothers = false

  /** Paths below `baseFolder` are stored relative to it, so that it can be moved as a whole. */
  constructor(stateFolder: string, onEvent: EventListener, baseFolder: string, clock: Clock = systemClock) {
    this.#clock = clock
    this.#baseFolder = baseFolder
    this.#path = join(stateFolder, "documents.json")
    this.#onEvent = onEvent
  }

  /** Reads the list. A damaged one is set aside and reported: the documents of the service folder are found anyway. */
  async load(): Promise<void> {
    await this.#dropDrafts()
    const text = await this.#read()
    if (text === undefined) return
    const json = parseJson(text)
    const parsed = librarySchema.safeParse(json)
    if (parsed.success) {
      this.#limits = parsed.data.limits ?? {}
      this.#port = parsed.data.port
      for (const entry of parsed.data.documents)
        this.#entries.set(
          entry.id,
          this.#withPaths(entry, (path) => resolve(this.#baseFolder, path)),
        )
      for (const entry of parsed.data.awaited)
        this.#awaited.set(
          entry.id,
          withPath(entry, (path) => resolve(this.#baseFolder, path)),
        )
      for (const entry of parsed.data.uploads)
        this.#uploads.set(
          entry.id,
          withUploadPaths(entry, (path) => resolve(this.#baseFolder, path)),
        )
      return
    }
    await this.#setAside(laterSchema.safeParse(json).data?.version)
  }

  async #setAside(laterVersion: number | undefined): Promise<void> {
    if (laterVersion === undefined) {
      const message = `the list of documents was damaged and is set aside as ${await setAside(this.#path)}`
      this.#onEvent({ level: "warn", name: "library_damaged", message })
      return
    }
    const aside = await setAside(this.#path, "later")
    this.#onEvent({
      level: "warn",
      name: "library_of_later_version",
      message: `the list of documents was written by a later version of this program (format ${laterVersion}) and is kept as ${aside}: put it back as ${basename(this.#path)} when that version runs again`,
    })
  }

  /** Undefined when there is no list; the empty text, which is a damaged list, for a file that is too long or not regular. */
  async #read(): Promise<string | undefined> {
    try {
      // Without O_NONBLOCK, opening a fifo in its place would block until a writer opens it.
      const bytes = await readAtMost(this.#path, MAX_LIST_BYTES, constants.O_RDONLY | constants.O_NONBLOCK)
      return bytes.length > MAX_LIST_BYTES
        ? ""
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")
    } catch (cause) {
      const code = errnoOf(cause)
      if (code === "ENOENT") return undefined
      if (code === "EISDIR") return ""
      if (code === undefined) throw cause
      throw new ConfigError("bad_service_folder", `${this.#path}: can't be read: ${reasonOf(cause)}`, { cause })
    }
  }

  /** Deletes the drafts of this list that a killed client left behind. */
  async #dropDrafts(): Promise<void> {
    const folder = dirname(this.#path)
    try {
      for (const name of await readdir(folder))
        if (isDraftOf(basename(this.#path), name)) await unlink(join(folder, name))
    } catch (error) {
      // A draft that stays does no harm, and a disk that fails shows when the list is read.
      if (errnoOf(error) === undefined) throw error
    }
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

  /** Another client works on the state folder: nothing is written from now on. */
  leaveToAnother(): void {
    this.#isAnothers = true
    this.#dirty = false
  }

  /** Resolves when everything is on disk, or when one more write has failed, which is reported. */
  async flush(): Promise<void> {
    if (this.#dirty) this.#writeSoon()
    while (this.#writing !== undefined) await this.#writing
    this.#stopRetry()
  }

  #touch(): void {
    this.#dirty = true
    this.#writeSoon()
  }

  #writeSoon(): void {
    this.#stopRetry()
    if (this.#isAnothers) return
    this.#writing ??= this.#writeOrReport().finally(() => {
      this.#writing = undefined
    })
  }

  /** The write has no waiting caller: a system error is reported as an event, and the write is retried. */
  async #writeOrReport(): Promise<void> {
    try {
      await this.#write()
      this.#failed = false
    } catch (error) {
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
    while (this.#dirty) {
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
        0o600,
      )
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // No JSON: the schema refuses undefined, and the file is set aside.
    return undefined
  }
}
