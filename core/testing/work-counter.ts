import { PartOrder } from "../swarm/part-order.js"
import { Bitfield } from "../torrent/bitfield.js"

/** Bytes that are copied or filled as a whole cost less than a hundredth of bytes that are read one by one. */
const BULK = 1 / 100

/**
 * Counts the work of a swarm that depends on the number of parts: reads of single parts, changes of the order, bytes of bitfields that are
 * read. Counts are the same on every machine, unlike times.
 */
export function countWork(run: () => void): number {
  let work = 0
  const restore: (() => void)[] = []
  /** `cost` of one call, by its `this` and arguments. */
  const watch = (holder: object, name: string, cost: (self: object, args: readonly unknown[]) => number) => {
    const original: unknown = Reflect.get(holder, name)
    if (typeof original !== "function") throw new Error(`${name} is no method (any more)`)
    Reflect.set(holder, name, function (this: object, ...args: readonly unknown[]) {
      work += cost(this, args)
      return Reflect.apply(original, this, args)
    })
    restore.push(() => Reflect.set(holder, name, original))
  }
  const bytesOf = (set: unknown) => (set instanceof Bitfield ? set.bytes.length : 0)
  for (const name of ["has", "add", "remove"]) watch(Bitfield.prototype, name, () => 1)
  for (const name of ["forEachBeyond", "hasAllOf"]) watch(Bitfield.prototype, name, bytesOf)
  watch(Bitfield.prototype, "clone", (self) => bytesOf(self) * BULK)
  watch(Bitfield, "full", (_, [parts]) => Number(parts) * BULK)
  for (const name of ["add", "remove", "increase", "decrease"]) watch(PartOrder.prototype, name, () => 1)
  watch(PartOrder.prototype, "pick", (_, [, , among]) => bytesOf(among))
  try {
    run()
  } finally {
    for (const undo of restore) undo()
  }
  return work
}
