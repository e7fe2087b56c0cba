import { isSafeComponent } from "./path-component.js"

/** Caps on a folder document (our choice). */
export const MAX_FOLDER_ENTRIES = 500_000
export const MAX_PATH_DEPTH = 100
export const MAX_PATH_BYTES = 4_096

/** Why a path can't be one inside a folder document, as the end of a sentence; undefined for one that can. */
export function pathFault(components: readonly string[]): string | undefined {
  if (components.length === 0) return "it is empty"
  if (components.length > MAX_PATH_DEPTH) return `it has ${components.length} levels, at most ${MAX_PATH_DEPTH}`
  const bytes = bytesOf(components)
  if (bytes > MAX_PATH_BYTES) return `it has ${bytes} bytes, at most ${MAX_PATH_BYTES}`
  return components.every((name) => isSafeComponent(name)) ? undefined : "a name in it is not safe"
}

/** Of the path in UTF-8; of a short one an upper bound, because counting costs more than all other checks. */
function bytesOf(components: readonly string[]): number {
  let length = components.length - 1
  for (const name of components) length += name.length
  // A UTF-16 unit takes at most three bytes.
  if (length * 3 <= MAX_PATH_BYTES) return length * 3
  return components.reduce((sum, name) => sum + Buffer.byteLength(name), components.length - 1)
}
