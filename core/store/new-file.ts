import { draftBeside, orUnlink, writeDraft } from "./atomic-file.js"
import type { DraftNotes } from "./draft-notes.js"
import { moveWithoutReplacing } from "./move-file.js"

/**
 * Makes a new file whole or not at all, also through a power cut, and never in place of anything that is there.
 * `mode`: before the umask. `notes`: where its draft is remembered until it is gone.
 * @throws CommandError "target_exists"; rejects with other system errors; nothing stays behind.
 */
export async function createFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode = 0o666,
  notes?: DraftNotes,
): Promise<void> {
  const draft = draftBeside(path)
  const forget = await notes?.begin(draft)
  try {
    await writeDraft(draft, content, mode)
    await orUnlink(draft, moveWithoutReplacing(draft, path))
  } finally {
    await forget?.()
  }
}
