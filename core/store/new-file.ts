import { type FileContent, writeByDraft } from "./atomic-file.js"
import type { DraftNotes } from "./draft-notes.js"
import { moveWithoutReplacing } from "./move-file.js"

/**
 * Creates a file completely or not at all, also through a power failure, and never in place of an existing one.
 * `mode`: before the umask. `notes`: records its draft until it is gone.
 * @throws CommandError "target_exists"; rejects with other system errors; leaves no draft.
 */
export async function createFileAtomic(
  path: string,
  content: FileContent,
  mode = 0o666,
  notes?: DraftNotes,
): Promise<void> {
  await writeByDraft(path, content, { mode, notes, publish: (draft) => moveWithoutReplacing(draft, path) })
}
