import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"

/** The files below a folder, as sorted paths relative to it; none where there is no folder. */
export function filesBelow(root: string): string[] {
  if (!existsSync(root)) return []
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)).sort()
}
