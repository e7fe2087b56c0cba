/** Two paths of one folder that no file system can hold beside each other. */
export interface PathCollision {
  readonly kind: "same" | "file_and_folder"
  /** As given, each names a file; of "file_and_folder" the first is the shorter. */
  readonly paths: readonly [string, string]
}

/** Sorts before every character that a path may hold, so that a file stands directly before what lies "below" it. */
const SEPARATOR = "\0"

/**
 * The first two paths that are equal, also after Unicode normalisation, or of which one is a folder of the other.
 * `paths`: components joined by "/", without NUL. Takes n log n steps and no memory but one key for each path.
 */
export function findPathCollision(paths: readonly string[]): PathCollision | undefined {
  if (areInOrder(paths)) return undefined
  const keys = paths.map(keyOf).sort()
  for (let index = 1; index < keys.length; index++) {
    const [before, key] = [keys[index - 1] ?? "", keys[index] ?? ""]
    if (before === key) return collision("same", paths, before, key)
    if (key.startsWith(before + SEPARATOR)) return collision("file_and_folder", paths, before, key)
  }
  return undefined
}

/** Looks whether each path sorts behind the one before, and not below it: then no two collide, and nothing need be sorted. */
export class OrderOfPaths {
  isKept = true
  #before = ""
  #folderBefore = ""

  add(path: string): void {
    if (!this.isKept) return
    const nameAt = path.lastIndexOf("/") + 1
    const folder = path.slice(0, nameAt)
    // Of files in one folder the names decide.
    const from = folder === this.#folderBefore ? nameAt : 0
    const [before, key] = [keyOf(this.#before.slice(from)), keyOf(path.slice(from))]
    if (!(before < key) || key.startsWith(before + SEPARATOR)) this.isKept = false
    this.#before = path
    this.#folderBefore = folder
  }
}

function areInOrder(paths: readonly string[]): boolean {
  const order = new OrderOfPaths()
  for (const path of paths) order.add(path)
  return order.isKept
}

const NOT_ASCII = /[^\0-\x7f]/

function keyOf(path: string): string {
  const normal = NOT_ASCII.test(path) ? path.normalize("NFC") : path
  return normal.includes("/") ? normal.replaceAll("/", SEPARATOR) : normal
}

function collision(kind: PathCollision["kind"], paths: readonly string[], one: string, other: string): PathCollision {
  const first = paths.findIndex((path) => keyOf(path) === one)
  const second = paths.findIndex((path, index) => index !== first && keyOf(path) === other)
  return { kind, paths: [paths[first] ?? "", paths[second] ?? ""] }
}
