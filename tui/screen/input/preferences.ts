import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { z } from "zod"
import { errnoOf } from "../../../core/index.js"
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
      try {
        writeFileSync(path, JSON.stringify(now), { mode: 0o600 })
      } catch (error) {
        if (errnoOf(error) === undefined) throw error
      }
    },
  }
}

function read(path: string): Preference {
  try {
    const text = readFileSync(path, "utf8")
    return text.length > MAX_BYTES ? {} : schema.parse(JSON.parse(text))
  } catch {
    // None yet, or one that is damaged: the screen begins as it does for a new user.
    return {}
  }
}
