import { z } from "zod"

/** An upload that is being hashed, as its command said it. Absolute paths. */
export const uploadSchema = z.object({
  id: z.string(),
  /** The file or folder to share. */
  file: z.string(),
  /** Where its torrent file is to be written. */
  torrent: z.string(),
  open: z.boolean(),
  paused: z.boolean(),
})

export type UploadEntry = z.infer<typeof uploadSchema>

/** The entry with its paths changed. */
export function withUploadPaths(entry: UploadEntry, change: (path: string) => string): UploadEntry {
  return { ...entry, file: change(entry.file), torrent: change(entry.torrent) }
}
