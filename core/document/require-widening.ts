import { CommandError } from "../base/errors.js"
import type { LibraryEntry } from "../library/library-entry.js"
import type { DescribedDocument } from "./described-document.js"
import type { DocumentWork } from "./document-work.js"
import type { WantedFiles } from "./wanted-files.js"

interface Widening {
  readonly wanted: WantedFiles | undefined
  readonly work: Pick<DocumentWork, "selected" | "requireRoom">
  readonly known: LibraryEntry | undefined
}

/**
 * Before other files of a finished folder are wanted. Resolves to whether all of them are there.
 * @throws CommandError "not_downloaded" for a folder of the user's; "disk_full" where there is no room for what is lacking.
 */
export async function requireWidening(
  { name, filePath }: Pick<DescribedDocument, "name" | "filePath">,
  { wanted, work, known }: Widening,
): Promise<boolean> {
  if (known?.fetched !== true && known?.download !== true)
    throw new CommandError("not_downloaded", `${name} is shared from ${filePath}: no file of it is downloaded`)
  const isWhole = known.identity !== undefined && known.identity.partial !== true
  if (isWhole || work.selected === undefined || work.selected.hasFilesOf(wanted)) return true
  await work.requireRoom(wanted)
  return false
}
