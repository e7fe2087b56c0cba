import { readdir, readFile, stat, unlink } from "node:fs/promises"
import { join } from "node:path"
import type { EventListener } from "../api/events.js"
import { reasonOf } from "../base/errno-words.js"
import { errnoOf, P2pError } from "../base/errors.js"
import { makeFolder } from "../base/make-folder.js"
import { isDraftOf, writeFileAtomic } from "../store/atomic-file.js"
import { readTorrentFile } from "../store/torrent-on-disk.js"
import type { Torrent } from "../torrent/torrent-file.js"

/** Ids are uuids, or info hashes in hex: nothing else becomes part of a path. */
const FILE_NAME = /^[0-9a-f-]{36,40}$/

/**
 * The client's own copies of the torrent files of its documents, in its state folder: users delete theirs from where they were downloaded to.
 * Only the owner can read them, for those of private documents are keys.
 */
export class TorrentCopies {
  readonly #folder: string
  readonly #onEvent: EventListener

  constructor(stateFolder: string, onEvent: EventListener) {
    this.#folder = join(stateFolder, "torrents")
    this.#onEvent = onEvent
  }

  /** Copies a document's torrent file, unless there is a copy. A failed write is reported and retried at the next start. */
  async keep(id: string, torrentPath: string): Promise<void> {
    if (!FILE_NAME.test(id)) return
    try {
      if (await isThere(this.pathOf(id))) return
      await makeFolder(this.#folder, 0o700)
      await writeFileAtomic(this.pathOf(id), await readFile(torrentPath), 0o600)
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      const message = `${torrentPath}: it could not be copied: ${reasonOf(error)}; the document will be missing when that file is`
      this.#onEvent({ level: "warn", name: "torrent_not_copied", message })
    }
  }

  /** Deletes the drafts of copies that a killed client left behind. */
  async dropDrafts(): Promise<void> {
    try {
      for (const name of await readdir(this.#folder)) {
        const id = name.split(".", 1)[0] ?? ""
        if (FILE_NAME.test(id) && isDraftOf(id, name)) await unlink(join(this.#folder, name))
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
    try {
      await unlink(this.pathOf(id))
    } catch (error) {
      // There is no copy, or the disk fails: a left-over copy belongs to no document and does no harm.
      if (errnoOf(error) === undefined) throw error
    }
  }

  /** Of a document with a safe id. */
  pathOf(id: string): string {
    return join(this.#folder, id)
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
