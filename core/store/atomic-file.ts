import { randomBytes } from "node:crypto"
import { constants } from "node:fs"
import { open, rename, unlink } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { errnoOf } from "../base/errors.js"
import { cutToBytes } from "../torrent/safe-name.js"
import type { DraftNotes } from "./draft-notes.js"

/** What a file holds, whole or in pieces. */
export type FileContent = string | Uint8Array | Iterable<string>

/** Most file systems allow 255 bytes a name; the rest is for the ending. */
const MAX_DRAFT_STEM_BYTES = 200

/**
 * Writes a file completely or not at all, also through a power failure: written under another name, synced, renamed, and the folder synced
 * (the one step that npm write-file-atomic omits). A file or link at `path` is replaced, so `path` must be a name that only this program
 * uses; `createFileAtomic` is for all others. Rejects with the system error, or as `confirm`, and leaves no draft.
 */
export async function writeFileAtomic(
  path: string,
  content: FileContent,
  { mode = 0o666, notes, confirm }: AtomicOptions = {},
): Promise<void> {
  const publish = async (draft: string): Promise<void> => {
    await confirm?.()
    await rename(draft, path)
  }
  await writeByDraft(path, content, { mode, notes, publish })
  await syncFolder(dirname(path))
}

export interface AtomicOptions {
  /** Of a new file, before the umask. */
  readonly mode?: number
  /** Records the draft until it is gone. */
  readonly notes?: DraftNotes | undefined
  /** Rejects when the file must not be replaced any more: asked last, because a slow disk may take long to sync the draft. */
  readonly confirm?: (() => Promise<void>) | undefined
}

export interface DraftOptions {
  /** Of the new file, before the umask. */
  readonly mode: number
  /** Records the draft until it is gone. */
  readonly notes: DraftNotes | undefined
  /** Gives the written and synced draft its final name. */
  readonly publish: (draft: string) => Promise<void>
}

/** Writes and syncs a draft beside `path`, then publishes it. Rejects with the error of the step that failed and leaves no draft. */
export async function writeByDraft(
  path: string,
  content: FileContent,
  { mode, notes, publish }: DraftOptions,
): Promise<void> {
  const draft = draftBeside(path)
  const forget = await notes?.begin(draft)
  try {
    await writeDraft(draft, content, mode)
    await orUnlink(draft, publish(draft))
  } finally {
    await forget?.()
  }
}

/** A path beside `path` that nothing else has. */
export function draftBeside(path: string): string {
  const stem = cutToBytes(basename(path), MAX_DRAFT_STEM_BYTES)
  return join(dirname(path), `${stem}.${randomBytes(6).toString("hex")}.tmp`)
}

/** Writes and syncs `content`. Rejects with the system error; nothing stays behind. */
async function writeDraft(draft: string, content: FileContent, mode: number): Promise<void> {
  const handle = await open(draft, "wx", mode)
  const writing = async () => {
    try {
      const pieces = typeof content === "string" || content instanceof Uint8Array ? [content] : content
      // Each goes behind the one before.
      for (const piece of pieces) await handle.writeFile(piece)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
  await orUnlink(draft, writing())
}

/** Is `draft` what `draftBeside` calls the draft of a file called `name` (of at most 200 bytes)? */
export function isDraftOf(name: string, draft: string): boolean {
  return draft.startsWith(`${name}.`) && /^[0-9a-f]{12}\.tmp$/.test(draft.slice(name.length + 1))
}

/** Waits for `work`; when it fails, `draft` goes. */
async function orUnlink(draft: string, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    // The work's own failure is what counts; a leftover that can't be deleted either changes nothing.
    await unlink(draft).catch(() => undefined)
    throw error
  }
}

/** What file systems say that can't sync a folder (some FUSE and network ones): there, a name is durable when they please. */
const NO_FOLDER_SYNC: ReadonlySet<string | undefined> = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"])

/** Makes a rename or a new name in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync().catch((error: unknown) => {
      if (!NO_FOLDER_SYNC.has(errnoOf(error))) throw error
    })
  } finally {
    await handle.close()
  }
}
