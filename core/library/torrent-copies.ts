import { readdir, readFile, unlink } from "node:fs/promises"
import { join } from "node:path"
import type { EventListener } from "../api/events.js"
import { reasonOf } from "../base/errno-words.js"
import { errnoOf, P2pError } from "../base/errors.js"
import { formatCount } from "../base/format-bytes.js"
import { makeFolder } from "../base/make-folder.js"
import { isDraftOf, writeFileAtomic } from "../store/atomic-file.js"
import { copyFilesInto } from "../store/copy-files.js"
import { readTorrentFile } from "../store/torrent-on-disk.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { OwnedFolder } from "./take-folder.js"

/** Ids are uuids, or info hashes in hex: nothing else becomes part of a path. */
const FILE_NAME = /^[0-9a-f-]{36,40}$/

/**
 * The client's own copies of the torrent files of its documents, in its state folder: users delete theirs from where they were downloaded to.
 * Only the owner can read them, for those of private documents are keys.
 */
export class TorrentCopies {
  readonly #folder: string
  readonly #place: OwnedFolder
  readonly #onEvent: EventListener
  /** Ids of the copies that are there. */
  readonly #kept = new Set<string>()
  /** Paths of torrent files that are to be copied together, by id. */
  #wanted = new Map<string, string>()
  #copying: Promise<void> | undefined

  constructor(place: OwnedFolder, onEvent: EventListener) {
    this.#folder = join(place.stateFolder, "torrents")
    this.#place = place
    this.#onEvent = onEvent
  }

  /** Copies a document's torrent file, unless there is a copy. A failed write is reported and retried at the next start. */
  async keep(id: string, torrentPath: string): Promise<void> {
    const { lost, confirm } = this.#place
    if (!FILE_NAME.test(id) || this.#kept.has(id) || lost.aborted) return
    try {
      await makeFolder(this.#folder, 0o700)
      await writeFileAtomic(this.pathOf(id), await readFile(torrentPath), { mode: 0o600, confirm })
      this.#kept.add(id)
    } catch (error) {
      this.#reportFailure(torrentPath, error)
    }
  }

  /** The same soon, together with other documents of a start. */
  keepSoon(id: string, torrentPath: string): void {
    if (!FILE_NAME.test(id) || this.#kept.has(id) || this.#place.lost.aborted) return
    this.#wanted.set(id, torrentPath)
    this.#copySoon()
  }

  #copySoon(): void {
    this.#copying ??= this.#copyWanted().finally(() => {
      this.#copying = undefined
      // Wanted in the very turn in which the others were done.
      if (this.#wanted.size > 0 && !this.#place.lost.aborted) this.#copySoon()
    })
  }

  /** Copies that have not begun are left to the next start. */
  async close(): Promise<void> {
    this.#wanted.clear()
    await this.#copying
  }

  /** What comes while some are copied is copied together after them. */
  async #copyWanted(): Promise<void> {
    while (this.#wanted.size > 0 && !this.#place.lost.aborted) {
      const wanted = [...this.#wanted]
      this.#wanted = new Map()
      const copies = wanted.map(([id, from]) => ({ id, from, to: this.pathOf(id) }))
      try {
        await makeFolder(this.#folder, 0o700)
        const { confirm } = this.#place
        const failures = await copyFilesInto(this.#folder, copies, { mode: 0o600, confirm })
        for (const copy of copies) if (!failures.has(copy)) this.#kept.add(copy.id)
        for (const [{ from }, error] of failures) this.#reportFailure(from, error)
      } catch (error) {
        const what = copies.length === 1 ? String(copies[0]?.from) : `${formatCount(copies.length)} torrent files`
        this.#reportFailure(what, error)
      }
    }
  }

  #reportFailure(what: string, error: unknown): void {
    // The folder is another client's now.
    if (error === this.#place.lost.reason) return
    if (errnoOf(error) === undefined) throw error
    const message = `${what}: not copied: ${reasonOf(error)}; a document without a copy will be missing when its torrent file is`
    this.#onEvent({ level: "warn", name: "torrent_not_copied", message })
  }

  /** At the start: finds the copies that are there, and deletes the drafts that a killed client left behind. */
  async find(): Promise<void> {
    try {
      for (const name of await readdir(this.#folder)) {
        const id = name.split(".", 1)[0] ?? ""
        if (!FILE_NAME.test(id)) continue
        if (id === name) this.#kept.add(id)
        else if (isDraftOf(id, name)) await unlink(join(this.#folder, name))
      }
    } catch (error) {
      // No copies yet, or a disk that fails: the next start tries again.
      if (errnoOf(error) === undefined) throw error
    }
  }

  /** The copy, or undefined when there is none that can be read. */
  async read(id: string): Promise<Torrent | undefined> {
    if (!FILE_NAME.test(id)) return undefined
    try {
      const torrent = await readTorrentFile(this.pathOf(id))
      return torrent.hash === id ? torrent : undefined
    } catch (error) {
      if (error instanceof P2pError) return undefined
      throw error
    }
  }

  /** Deletes the copy of a document that was removed. */
  async drop(id: string): Promise<void> {
    if (!FILE_NAME.test(id)) return
    const { lost, confirm } = this.#place
    this.#wanted.delete(id)
    await this.#copying
    this.#kept.delete(id)
    try {
      await confirm()
      await unlink(this.pathOf(id))
    } catch (error) {
      // The folder is another client's now, and so is the copy.
      if (error === lost.reason) return
      // There is no copy, or the disk fails: a left-over copy belongs to no document and does no harm.
      if (errnoOf(error) === undefined) throw error
    }
  }

  /** Of a document with a safe id. */
  pathOf(id: string): string {
    return join(this.#folder, id)
  }
}
