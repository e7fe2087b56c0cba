import { randomBytes } from "node:crypto"
import { constants } from "node:fs"
import { open, rename, unlink } from "node:fs/promises"
import { dirname } from "node:path"

/**
 * Puts a file in place whole or not at all, also through a power cut: written under another name, synced, renamed, and
 * the folder synced (the one step that npm write-file-atomic leaves out). A link at `path` is replaced, not followed.
 * `mode` is what a new file gets before the umask. Rejects with the system error; nothing stays behind.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`
  const handle = await open(temporary, "wx", mode)
  try {
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    // The write's own failure is what counts; a leftover that can't be deleted either changes nothing.
    await unlink(temporary).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes a rename or a new name in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
