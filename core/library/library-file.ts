import { constants } from "node:fs"
import { readdir, unlink } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { z } from "zod"
import type { EventListener } from "../api/events.js"
import { reasonOf } from "../base/errno-words.js"
import { ConfigError, errnoOf } from "../base/errors.js"
import { readAtMost } from "../base/read-at-most.js"
import { isDraftOf } from "../store/atomic-file.js"
import { setAside } from "../store/move-file.js"
import { awaitedSchema } from "./awaited-entry.js"
import { entrySchema } from "./library-entry.js"
import { uploadSchema } from "./upload-entry.js"

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

/** The list of documents, with what a client remembers beside them. */
export type StoredLibrary = z.infer<typeof librarySchema>

/** A million documents with a few peers each. Our choice; a longer file is not our list, and exceeds JavaScript's string length. */
const MAX_LIST_BYTES = 256 * 1024 * 1024

const laterSchema = z.object({ version: z.number().int().min(2) })

/**
 * Reads the list of documents; undefined when there is none. A damaged one, and one of a later version, is set aside and reported.
 * @throws ConfigError "bad_service_folder" when it can't be read.
 */
export async function readLibraryFile(path: string, onEvent: EventListener): Promise<StoredLibrary | undefined> {
  const text = await read(path)
  if (text === undefined) return undefined
  const json = parseJson(text)
  const parsed = librarySchema.safeParse(json)
  if (parsed.success) return parsed.data
  await putAside(path, laterSchema.safeParse(json).data?.version, onEvent)
  return undefined
}

async function putAside(path: string, laterVersion: number | undefined, onEvent: EventListener): Promise<void> {
  if (laterVersion === undefined) {
    const message = `the list of documents was damaged and is set aside as ${await setAside(path)}`
    onEvent({ level: "warn", name: "library_damaged", message })
    return
  }
  const aside = await setAside(path, "later")
  onEvent({
    level: "warn",
    name: "library_of_later_version",
    message: `the list of documents was written by a later version of this program (format ${laterVersion}) and is kept as ${aside}: put it back as ${basename(path)} when that version runs again`,
  })
}

/** Undefined when there is no list; the empty text, which is a damaged list, for a file that is too long or not regular. */
async function read(path: string): Promise<string | undefined> {
  try {
    // Without O_NONBLOCK, opening a fifo in its place would block until a writer opens it.
    const bytes = await readAtMost(path, MAX_LIST_BYTES, constants.O_RDONLY | constants.O_NONBLOCK)
    return bytes.length > MAX_LIST_BYTES
      ? ""
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")
  } catch (cause) {
    const code = errnoOf(cause)
    if (code === "ENOENT") return undefined
    if (code === "EISDIR") return ""
    if (code === undefined) throw cause
    throw new ConfigError("bad_service_folder", `${path}: can't be read: ${reasonOf(cause)}`, { cause })
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

/** Deletes the drafts of the list at `path` that a killed client left behind. */
export async function dropLibraryDrafts(path: string): Promise<void> {
  const folder = dirname(path)
  try {
    for (const name of await readdir(folder)) if (isDraftOf(basename(path), name)) await unlink(join(folder, name))
  } catch (error) {
    // A draft that stays does no harm, and a disk that fails shows when the list is read.
    if (errnoOf(error) === undefined) throw error
  }
}
