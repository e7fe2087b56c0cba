import { sortingPlaces } from "../base/sort-in-steps.js"
import { atOnce, type Steps } from "../base/steps.js"

/** Two paths of one folder that no file system can hold beside each other. */
export interface PathCollision {
  readonly kind: "same" | "file_and_folder"
  /** As given, each names a file; of "file_and_folder" the first is the shorter. */
  readonly paths: readonly [string, string]
}

/** Sorts before every character that a path may hold, so that a file stands directly before what lies "below" it. */
const SEPARATOR = "\0"

/** Paths that are looked at in one step. Our choice: some milliseconds. */
const LOOKED_AT_ONCE = 4_096

/**
 * The first two paths that are equal, also after Unicode normalisation, or of which one is a folder of the other.
 * `paths`: components joined by "/", without NUL. Takes n log n steps and no memory but one key for each path.
 */
export function findPathCollision(paths: readonly string[]): PathCollision | undefined {
  return atOnce(findingPathCollision(paths))
}

/** The same in steps. */
export function* findingPathCollision(paths: readonly string[]): Steps<PathCollision | undefined> {
  if (yield* areInOrder(paths)) return undefined
  const keys: string[] = []
  for (const path of paths) if (keys.push(keyOf(path)) % LOOKED_AT_ONCE === 0) yield
  const order = yield* sortingPlaces(keys.length, (a, b) => compare(keys[a] ?? "", keys[b] ?? "") || a - b)
  const keyAt = (at: number) => keys[order[at] ?? 0] ?? ""
  for (let at = 1; at < order.length; at++) {
    const kind = collisionOf(keyAt(at - 1), keyAt(at))
    if (kind) return { kind, paths: [paths[order[at - 1] ?? 0] ?? "", paths[order[at] ?? 0] ?? ""] }
    if (at % LOOKED_AT_ONCE === 0) yield
  }
  return undefined
}

function compare(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}

/** How two keys collide that are neighbours in order. */
function collisionOf(before: string, key: string): PathCollision["kind"] | undefined {
  if (before === key) return "same"
  return key.startsWith(before) && key[before.length] === SEPARATOR ? "file_and_folder" : undefined
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
    if (!(before < key) || collisionOf(before, key) !== undefined) this.isKept = false
    this.#before = path
    this.#folderBefore = folder
  }
}

function* areInOrder(paths: readonly string[]): Steps<boolean> {
  const order = new OrderOfPaths()
  for (let at = 0; at < paths.length && order.isKept; at++) {
    order.add(paths[at] ?? "")
    if (at % LOOKED_AT_ONCE === 0) yield
  }
  return order.isKept
}

const NOT_ASCII = /[^\0-\x7f]/

function keyOf(path: string): string {
  const normal = NOT_ASCII.test(path) ? path.normalize("NFC") : path
  return normal.includes("/") ? normal.replaceAll("/", SEPARATOR) : normal
}
