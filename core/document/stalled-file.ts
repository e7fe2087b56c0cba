import type { WhyFacts } from "../api/why.js"
import { displayText } from "../base/display.js"
import type { FileSelection } from "../torrent/file-selection.js"
import { MAX_PATH_BYTES } from "../torrent/folder-bounds.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { type Lengths, partLength } from "../torrent/lengths.js"

interface Folder {
  /** Undefined: the document is a single file. */
  readonly files: FolderLayout | undefined
  readonly wanted: FileSelection | undefined
  readonly lengths: Lengths
}

/** The reason with a file of the folder, where it names a part. */
export function withFile(why: WhyFacts | undefined, folder: Folder): WhyFacts | undefined {
  if (why?.code !== "no_peer_has" && why?.code !== "no_valid_source") return why
  const file = fileOfPart(why.firstMissing, folder)
  return file === undefined ? why : { ...why, file }
}

/** The first file of a part, or of the wanted ones, that is no padding. */
function fileOfPart(part: number, { files, wanted, lengths }: Folder): string | undefined {
  if (files === undefined) return undefined
  const spans = files.spans(part * lengths.partSizeBytes, partLength(lengths, part))
  const span = spans.find(({ fileIndex }) => !files.isPadding(fileIndex) && (wanted?.has(fileIndex) ?? true))
  return span && displayText(files.path(span.fileIndex), MAX_PATH_BYTES)
}
