import { z } from "zod"

/** A document that is known by its link only, until its description has come. */
export const awaitedSchema = z.object({
  id: z.string(),
  /** Holds the key of a private document. */
  link: z.string(),
  /** Where the user wants it; by default its name in the service folder. */
  filePath: z.string().optional(),
  /** The path was typed as that of a folder: a file goes into it. */
  intoFolder: z.boolean().optional(),
  /** Patterns of the files that are wanted of a folder. */
  only: z.array(z.string()).optional(),
  /** What stands at the target is repaired: the user has agreed. */
  repair: z.boolean().optional(),
  paused: z.boolean(),
})

export type AwaitedEntry = z.infer<typeof awaitedSchema>

/** The entry with its path changed, if it has one. */
export function withPath({ filePath, ...entry }: AwaitedEntry, change: (path: string) => string): AwaitedEntry {
  return filePath === undefined ? entry : { ...entry, filePath: change(filePath) }
}
