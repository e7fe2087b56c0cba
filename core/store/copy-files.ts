import { rmSync, writeFileSync } from "node:fs"
import { open, readFile, rename, unlink, writeFile } from "node:fs/promises"
import { errnoOf } from "../base/errors.js"
import { LATER, mapInPlaceOrAside } from "../base/in-place-or-aside.js"
import { type AtomicOptions, draftBeside, syncFolder } from "./atomic-file.js"
import { readSmallFile } from "./small-file.js"
import { syncFileSystem } from "./sync-file-system.js"

/** Absolute paths. `to`: a name that only this program uses. */
export interface FileCopy {
  readonly from: string
  readonly to: string
}

interface Draft {
  readonly copy: FileCopy
  readonly path: string
}

/** More files than these are synced by one sync of their file system. Our choice: each sync of one costs a turn of the disk. */
const SYNC_ONE_BY_ONE = 16

/**
 * Copies files into `folder`, each completely or not at all, also through a power failure. One sync makes all of them durable: on a busy disk
 * 5,000 syncs take minutes. Resolves to what could not be copied, with its system error; rejects with that of the sync, or as `confirm`,
 * and leaves no draft.
 */
export async function copyFilesInto(
  folder: string,
  copies: readonly FileCopy[],
  { mode = 0o666, confirm }: Pick<AtomicOptions, "mode" | "confirm"> = {},
): Promise<ReadonlyMap<FileCopy, unknown>> {
  const drafts = copies.map((copy): Draft => ({ copy, path: draftBeside(copy.to) }))
  const failures = new Map<FileCopy, unknown>()
  const written: Draft[] = []
  const outcomes = await mapInPlaceOrAside(drafts, draftInPlace(mode), draftAside(mode))
  for (const [index, draft] of drafts.entries()) {
    const failure = outcomes[index]
    if (failure === undefined) written.push(draft)
    else failures.set(draft.copy, failure)
  }
  try {
    await syncAll(folder, written)
    await confirm?.()
    for (const { path, copy } of written) await rename(path, copy.to)
    await syncFolder(folder)
  } catch (error) {
    // Those that have their names already are complete.
    for (const { path } of written) await unlink(path).catch(() => undefined)
    throw error
  }
  return failures
}

/** A system error, or undefined when the draft is written. */
type Outcome = object | undefined

function draftInPlace(mode: number): (draft: Draft) => Outcome | typeof LATER {
  return ({ copy: { from }, path }) => {
    try {
      const bytes = readSmallFile(from)
      if (bytes === undefined) return LATER
      writeFileSync(path, bytes, { flag: "wx", mode })
      return undefined
    } catch (error) {
      removeDraft(path)
      return systemError(error)
    }
  }
}

/** A full disk leaves an empty file or the beginning of one. What can't be deleted goes at the next start. */
function removeDraft(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
  }
}

function draftAside(mode: number): (draft: Draft) => Promise<Outcome> {
  return async ({ copy: { from }, path }) => {
    try {
      await writeFile(path, await readFile(from), { flag: "wx", mode })
      return undefined
    } catch (error) {
      await unlink(path).catch(() => undefined)
      return systemError(error)
    }
  }
}

function systemError(error: unknown): object {
  if (errnoOf(error) === undefined) throw error
  return error as object
}

async function syncAll(folder: string, drafts: readonly Draft[]): Promise<void> {
  if (drafts.length > SYNC_ONE_BY_ONE && (await syncFileSystem(folder))) return
  for (const { path } of drafts) {
    const handle = await open(path)
    await handle.sync().finally(() => handle.close())
  }
}
