import type { TreeQuery } from "../api/file-tree.js"
import type { Steps } from "../base/steps.js"
import { ENTRIES_AT_ONCE } from "./folder-tree.js"
import type { TreeItem, TreeOrder } from "./tree-order.js"

/** The rows of a tree whose folders are open or not. */
export interface TreeRows {
  readonly items: Int32Array
  /** The number of the row of each open folder. */
  readonly rowOf: ReadonlyMap<number, number>
  isOpen(folder: number): boolean
}

interface Level {
  readonly items: Int32Array
  next: number
}

/** The items of open folders, each folder before what stands in it. */
export function* rowsInOrder(
  order: TreeOrder,
  { isOpen: byDefault, except }: Pick<TreeQuery, "isOpen" | "except">,
): Steps<TreeRows> {
  const exceptions = new Set(except)
  const isOpen = (folder: number): boolean => exceptions.has(folder) !== byDefault
  const rows = new GrowingItems()
  const rowOf = new Map<number, number>()
  const levels: Level[] = [{ items: yield* order.itemsIn(0), next: 0 }]
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const { items, next } = level
    if (next === items.length) {
      levels.pop()
      continue
    }
    const item = items[next] ?? 0
    level.next++
    const row = rows.add(item)
    if (row % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) yield
    if (item >= 0 || !isOpen(~item)) continue
    rowOf.set(~item, row)
    levels.push({ items: yield* order.itemsIn(~item), next: 0 })
  }
  return { items: rows.all(), rowOf, isOpen }
}

class GrowingItems {
  #items = new Int32Array(1_024)
  #count = 0

  add(item: TreeItem): number {
    if (this.#count === this.#items.length) {
      const larger = new Int32Array(2 * this.#count)
      larger.set(this.#items)
      this.#items = larger
    }
    this.#items[this.#count] = item
    return this.#count++
  }

  all(): Int32Array {
    return this.#items.slice(0, this.#count)
  }
}
