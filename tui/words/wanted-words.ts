import type { DocumentSnapshot } from "../../core/index.js"
import { doneFilesWords, filesWords } from "./folder-words.js"

/** What is there of what is wanted: of the whole document, or of the parts of the selected files. */
export interface Progress {
  readonly haveBytes: number
  readonly totalBytes: number
  readonly haveCount: number
  readonly partCount: number
}

type Measured = Pick<DocumentSnapshot, "selection" | "haveBytes" | "sizeBytes" | "haveCount" | "partCount">

export function progressOf({ selection, haveBytes, sizeBytes, haveCount, partCount }: Measured): Progress {
  if (selection === undefined) return { haveBytes, totalBytes: sizeBytes, haveCount, partCount }
  const { partBytes: totalBytes, partCount: wantedCount } = selection
  return { haveBytes: selection.haveBytes, totalBytes, haveCount: selection.haveCount, partCount: wantedCount }
}

/** "1,204 of 30,000 files" where not every file is wanted, else "30,000 files". */
export function wantedFilesWords({ selection, fileCount }: Pick<DocumentSnapshot, "selection" | "fileCount">): string {
  return selection === undefined ? filesWords(fileCount) : doneFilesWords(selection.wantedFiles, fileCount)
}
