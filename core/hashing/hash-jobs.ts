import type { FileSpans } from "./file-spans.js"
import type { FilesToDraft, FilesToPlace } from "./move-files.js"
import type { FilesToSync } from "./sync-files.js"

/** What travels between the hasher and its worker threads: one message per job each way. */
export const JobKind = {
  verifyAndWrite: 1,
  hashParts: 2,
  folderStamp: 3,
  syncFiles: 4,
  readFiles: 5,
  draftFiles: 6,
  placeFiles: 7,
} as const

/** Any other value than zero is a mark; with all bits set, no single damaged bit unmakes it. */
export const MARK = 0xff

/** Check a part against its digest and, when it is right, write it. */
export interface VerifyAndWriteJob {
  readonly kind: typeof JobKind.verifyAndWrite
  readonly memory: SharedArrayBuffer
  /** The part's bytes are [memoryOffset, memoryOffset + length) of `memory`. */
  readonly memoryOffset: number
  readonly length: number
  /** SHA-1, 20 bytes. */
  readonly digest: Uint8Array
  readonly place: WritePlace
  /** Where one byte is set before the part is written, so that a crash leaves a trace of it; see store/resume-record.ts. */
  readonly mark: { readonly fd: number; readonly offset: number } | undefined
}

/** Where a part is written: at an offset of an open file, or to files of a folder. */
export type WritePlace = { readonly fd: number; readonly fileOffset: number } | { readonly files: FileSpans }

/** SHA-1 of the parts [fromPart, toPart) of an open file, or of the files of a folder that hold exactly these parts. */
export interface HashPartsJob {
  readonly kind: typeof JobKind.hashParts
  readonly from: { readonly fd: number } | { readonly files: FileSpans }
  readonly sizeBytes: number
  readonly partSizeBytes: number
  readonly fromPart: number
  readonly toPart: number
}

/** Reads the attributes of a folder's files; see `FolderStats`. */
export interface FolderStampJob {
  readonly kind: typeof JobKind.folderStamp
  readonly root: string
  /** Below `root`. */
  readonly paths: readonly string[]
  /** Links are followed: in a folder of the user's, not in one that grows. */
  readonly followLinks: boolean
}

/** Makes files and folders durable, and files of a folder complete; see `sync-files.ts`. */
export interface SyncFilesJob extends FilesToSync {
  readonly kind: typeof JobKind.syncFiles
}

/** See `move-files.ts`. */
export interface DraftFilesJob extends FilesToDraft {
  readonly kind: typeof JobKind.draftFiles
}

/** Likewise. */
export interface PlaceFilesJob extends FilesToPlace {
  readonly kind: typeof JobKind.placeFiles
}

/** Reads runs of many files at once into [memoryOffset, memoryOffset + length) of `memory`; they have so many bytes. */
export interface ReadFilesJob {
  readonly kind: typeof JobKind.readFiles
  readonly files: FileSpans
  readonly memory: SharedArrayBuffer
  readonly memoryOffset: number
  readonly length: number
}

export type HashJob =
  | VerifyAndWriteJob
  | HashPartsJob
  | FolderStampJob
  | SyncFilesJob
  | DraftFilesJob
  | PlaceFilesJob
  | ReadFilesJob

/**
 * The answer to verifyAndWrite is whether the digest matched; to hashParts, 20 bytes per part (fewer when a file ended early; of a folder, a
 * digest that no part has where a file is missing or short); to folderStamp, the columns of `FolderStats`; to syncFiles, draftFiles and
 * placeFiles, true; to readFiles, the columns of `FolderStats`, or false where a file is missing or short.
 */
export type HashResult = boolean | Uint8Array

export interface HashRequest {
  readonly id: number
  readonly job: HashJob
}

export type HashReply =
  | { readonly id: number; readonly result: HashResult }
  | {
      readonly id: number
      readonly failure: {
        readonly code: string | undefined
        readonly message: string
        readonly path: string | undefined
      }
    }

/** The first message of a thread: its modules are loaded. */
export const THREAD_READY = "ready"

export type ThreadMessage = typeof THREAD_READY | HashReply
