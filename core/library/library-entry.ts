import { z } from "zod"

const identitySchema = z.object({
  sizeBytes: z.number(),
  mtimeNs: z.string(),
  ctimeNs: z.string(),
  inode: z.string(),
  partial: z.boolean().optional(),
})

/** What stands at the target is repaired. `old`: how it was when the user agreed; absent: that was not seen yet. */
const repairSchema = z.object({
  old: z.union([z.object({ file: identitySchema }), z.object({ folderChangedMs: z.number() })]).optional(),
})

/** One document in the list of a client. */
export const entrySchema = z.object({
  id: z.string(),
  torrentPath: z.string(),
  filePath: z.string(),
  /** True: a download into `filePath`. False: a file that was there. */
  download: z.boolean(),
  /** This client downloaded the file, so it may repair it; a file of the user is never written to. */
  fetched: z.boolean().optional(),
  /** Of an upload: the port of the tracker that was started for it, which the next run starts again. */
  trackerPort: z.int().min(1).max(65_535).optional().catch(undefined),
  paused: z.boolean(),
  /** Parts that were there when it was left, to be shown while it is paused. */
  haveCount: z.number().optional(),
  /** All of it is to be hashed: it was being checked when the last run ended. */
  recheck: z.boolean().optional(),
  /** The user removed the document: it is not added again, even if its torrent file lies in the service folder. */
  removed: z.boolean().default(false),
  /** The finished file as it was when every part was last verified. */
  identity: identitySchema.optional(),
  /** Of a folder of which not every file is wanted: the patterns, and the files as one bit per entry of the torrent file, base64. */
  selection: z.object({ only: z.array(z.string()), files: z.string() }).optional(),
  /** Of this document alone, bytes per second. */
  limits: z
    .object({ down: z.number().positive().optional(), up: z.number().positive().optional() })
    .optional()
    .catch(undefined),
  repair: repairSchema.optional().catch(undefined),
  /** Where peers were when we left ("host:port"), to begin with when the tracker is away. */
  peers: z.array(z.string()).optional(),
})

/** The facts about one document that are stored between runs. */
export type LibraryEntry = z.infer<typeof entrySchema>
