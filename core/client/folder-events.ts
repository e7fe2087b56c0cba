import { type FSWatcher, watch } from "node:fs"
import { errnoOf } from "../base/errors.js"

/** Folders that are watched; the others are looked at now and then. Our choice: far below what a system lets one user watch. */
const MAX_WATCHED = 256

/** Reports changes in folders that may concern torrent files. */
export class FolderEvents {
  readonly #onChange: () => void
  readonly #watchers = new Map<string, FSWatcher>()
  #hasAll = true

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** False when some folder can't be watched. */
  get hasAll(): boolean {
    return this.#hasAll
  }

  /** Watches these folders and no others. */
  watch(folders: ReadonlySet<string>): void {
    for (const folder of this.#watchers.keys()) if (!folders.has(folder)) this.#drop(folder)
    this.#hasAll = folders.size <= MAX_WATCHED
    for (const folder of folders) {
      if (this.#watchers.size >= MAX_WATCHED) return
      if (!this.#watchers.has(folder)) this.#add(folder)
    }
  }

  close(): void {
    for (const folder of this.#watchers.keys()) this.#drop(folder)
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (type, name) => this.#seen(type, name))
      watcher.on("error", () => {
        this.#hasAll = false
        this.#drop(folder)
      })
      this.#watchers.set(folder, watcher)
    } catch (error) {
      // No more watches (ENOSPC, EMFILE), or the folder is gone: the next look by time finds what is new.
      if (errnoOf(error) === undefined) throw error
      this.#hasAll = false
    }
  }

  /** Files that grow, such as downloads, change all the time: only changes of torrent files count, and every name that comes or goes. */
  #seen(type: string, name: string | null): void {
    const isOfInterest = name === null || name.endsWith(".json") || type === "rename"
    if (isOfInterest && name?.startsWith(".") !== true) this.#onChange()
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }
}
