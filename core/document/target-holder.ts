import { realpath } from "node:fs/promises"
import { basename, dirname, join, sep } from "node:path"
import { CommandError } from "../base/errors.js"
import { downloadNames } from "../store/download-names.js"
import type { Document } from "./document.js"

/**
 * Works on the target of a document. When it is locked by another document of this client, the error names that document: the lock itself
 * knows processes only.
 * @throws CommandError "in_use"; rejects as `work` does.
 */
export async function withHolderNamed<T>(
  work: Promise<T>,
  { id, filePath }: Pick<Document, "id" | "filePath">,
  documents: () => Iterable<Document>,
): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof CommandError) || error.code !== "in_use") throw error
    const lock = await lockOf(filePath)
    for (const other of documents()) {
      if (other.id === id || !mayHold(other) || (await lockOf(other.filePath)) !== lock) continue
      const what = `"${other.name}" of this client is downloaded there`
      const wayOut = "give another name for the file, or remove that document"
      throw new CommandError("in_use", `${filePath}: ${what}; ${wayOut}`, { cause: error })
    }
    throw error
  }
}

/**
 * A repair replaces what stands at the target, or in it. That must not be what another document of this client is served from.
 * @throws CommandError "in_use" naming that document.
 */
export async function requireServedByNoOther(
  { id, filePath }: Pick<Document, "id" | "filePath">,
  documents: () => Iterable<Document>,
): Promise<void> {
  const target = await realPathOf(filePath)
  for (const other of documents()) {
    if (other.id === id || other.place.at === "failed" || target === undefined) continue
    if (!isAtOrIn(target, await realPathOf(other.filePath))) continue
    const what = `"${other.name}" of this client is served from ${other.filePath}, which the repair would replace`
    throw new CommandError(
      "in_use",
      `${filePath}: ${what}; remove that document first, or give another name for the file`,
    )
  }
}

function isAtOrIn(target: string, path: string | undefined): boolean {
  return path === target || path?.startsWith(target + sep) === true
}

function realPathOf(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined)
}

/** A file has its lock until its own name is durable. */
function mayHold({ isDownload, place }: Document): boolean {
  return (isDownload && place.at !== "rest" && place.at !== "failed") || place.at === "running"
}

/** Links in the path of the folder are followed; a missing folder has no lock. */
async function lockOf(filePath: string): Promise<string | undefined> {
  const { lock } = downloadNames(filePath)
  const folder = await realPathOf(dirname(lock))
  return folder && join(folder, basename(lock))
}
