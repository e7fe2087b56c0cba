import { orUnlink, writeDraft } from "./atomic-file.js"
import { moveWithoutReplacing } from "./move-file.js"

/**
 * Makes a new file whole or not at all, also through a power cut, and never in place of anything that is there.
 * `mode`: before the umask.
 * @throws CommandError "target_exists"; rejects with other system errors; nothing stays behind.
 */
export async function createFileAtomic(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const draft = await writeDraft(path, content, mode)
  await orUnlink(draft, moveWithoutReplacing(draft, path))
}
