import { join } from "node:path"
import { z } from "zod"
import { readOwnFile, writeOwnFile } from "../../base/own-file.js"
import { THEMES } from "../../base/screen-config.js"
import { SORT_COLUMNS } from "../state/state.js"

/** A file of more bytes is not ours. */
const MAX_BYTES = 64 * 1024

/** What the screen remembers of how it is used. A value that is not understood counts as none: a later version may have written it. */
const schema = z.object({
  sort: z
    .object({ column: z.enum(SORT_COLUMNS), descending: z.boolean() })
    .optional()
    .catch(undefined),
  theme: z.enum(THEMES).optional().catch(undefined),
  mouse: z.boolean().optional().catch(undefined),
})

export type Preference = z.infer<typeof schema>

/** How the user wants the screen, kept across runs. */
export interface Preferences {
  readonly kept: Preference
  /** Remembers a change. A disk that doesn't take it costs the memory of it, nothing else. */
  keep(change: Preference): void
}

export function openPreferences(stateFolder: string): Preferences {
  const path = join(stateFolder, "screen.json")
  const kept = read(path)
  let now = kept
  return {
    kept,
    keep: (change) => {
      now = { ...now, ...change }
      writeOwnFile(path, JSON.stringify(now))
    },
  }
}

function read(path: string): Preference {
  const text = readOwnFile(path, MAX_BYTES)
  try {
    return text === undefined ? {} : schema.parse(JSON.parse(text))
  } catch {
    // It is damaged: the screen begins as it does for a new user.
    return {}
  }
}
