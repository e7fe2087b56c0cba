import { formatCount } from "../base/format.js"

/** What a document or a job is called: a folder has "/" behind its name. */
export function listedName(name: string, isFolder: boolean): string {
  return isFolder ? `${name}/` : name
}

/** "30,000 files", "1 file". */
export function filesWords(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "file" : "files"}`
}

/** "1,204 of 30,000 files". */
export function doneFilesWords(done: number, total: number): string {
  return `${formatCount(done)} of ${filesWords(total)}`
}

/** What an upload says of folders that hold nothing: a line if there are any. */
export function emptyFoldersLines(count: number): readonly string[] {
  if (count === 0) return []
  return [count === 1 ? "1 empty folder is not carried" : `${formatCount(count)} empty folders are not carried`]
}
