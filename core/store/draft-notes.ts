import { constants } from "node:fs"
import { lstat, readdir, unlink, writeFile } from "node:fs/promises"
import { isAbsolute, join, relative, resolve } from "node:path"
import { errnoOf } from "../base/errors.js"
import { readAtMost } from "../base/read-at-most.js"

/** Longer than any path that a system takes (PATH_MAX of Linux: 4,096). */
const MAX_NOTE_BYTES = 8_192

const NOTE = /^draft\.([0-9a-f]{12})$/
const DRAFT_END = /\.([0-9a-f]{12})\.tmp$/

/**
 * Records in a state folder which drafts are being written elsewhere: drafts of a killed process are deleted by this note, never by a
 * name that a file of the user may have. The state folder is locked, so a note present at the start belongs to an ended process.
 */
export class DraftNotes {
  readonly #folder: string
  readonly #baseFolder: string

  /** Paths below `baseFolder` are noted relative to it, so that it can be moved as a whole. */
  constructor(stateFolder: string, baseFolder: string) {
    this.#folder = stateFolder
    this.#baseFolder = baseFolder
  }

  /** Before `draft` (as `draftBeside` names it) is made. Resolves to what takes the note back. */
  async begin(draft: string): Promise<() => Promise<void>> {
    const note = join(this.#folder, `draft.${DRAFT_END.exec(draft)?.[1]}`)
    const below = relative(this.#baseFolder, draft)
    const text = below.startsWith("..") || isAbsolute(below) ? draft : below
    // Without a note the draft is written nevertheless: only a process killed at that moment would leave it behind.
    await writeFile(note, text, { flag: "wx", mode: 0o600 }).catch(ignoreSystemError)
    return () => unlink(note).catch(ignoreSystemError)
  }

  /** Deletes the drafts of processes that were killed. One that can't be deleted now is tried again at the next start. */
  async dropLeftovers(): Promise<void> {
    const names = await readdir(this.#folder).catch(ignoreSystemError)
    for (const name of names ?? []) {
      const id = NOTE.exec(name)?.[1]
      if (id !== undefined) await this.#drop(join(this.#folder, name), id).catch(ignoreSystemError)
    }
  }

  async #drop(note: string, id: string): Promise<void> {
    const bytes = await readAtMost(note, MAX_NOTE_BYTES, constants.O_RDONLY | constants.O_NONBLOCK)
    const draft = resolve(this.#baseFolder, Buffer.from(bytes).toString("utf8"))
    if (DRAFT_END.exec(draft)?.[1] === id) await unlinkOwnFile(draft)
    await unlink(note)
  }
}

async function unlinkOwnFile(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined
    throw error
  })
  if (stats?.isFile() && stats.uid === (process.getuid?.() ?? stats.uid)) await unlink(path)
}

function ignoreSystemError(error: unknown): undefined {
  if (errnoOf(error) === undefined) throw error
  return undefined
}
