import type { Steps } from "./steps.js"

/** Values that are sorted or merged in one step. Our choice: some milliseconds. */
const AT_ONCE = 4_096

type Order = (a: number, b: number) => number

/** Sorts in place, in steps. `compare`: never 0 for two of the values. */
export function* sortInSteps(values: Int32Array, compare: Order): Steps<void> {
  if (values.length <= AT_ONCE) {
    values.sort(compare)
    return
  }
  if (yield* isSorted(values, compare)) return
  for (let at = 0; at < values.length; at += AT_ONCE) {
    values.subarray(at, at + AT_ONCE).sort(compare)
    yield
  }
  let from = values
  let to: Int32Array = new Int32Array(values.length)
  for (let width = AT_ONCE; width < values.length; width *= 2) {
    yield* mergeRuns(from, to, width, compare)
    ;[from, to] = [to, from]
  }
  if (from !== values) values.set(from)
}

/** The numbers from 0 to `count` - 1, sorted as `sortInSteps`: the places of a list in the order of its values. */
export function* sortingPlaces(count: number, compare: Order): Steps<Int32Array> {
  const places = new Int32Array(count)
  for (let place = 0; place < count; place++) places[place] = place
  yield* sortInSteps(places, compare)
  return places
}

function* isSorted(values: Int32Array, compare: Order): Steps<boolean> {
  for (let at = 1; at < values.length; at++) {
    if (compare(values[at - 1] ?? 0, values[at] ?? 0) > 0) return false
    if (at % AT_ONCE === 0) yield
  }
  return true
}

/** Merges neighbours of `width` sorted values each. */
function* mergeRuns(from: Int32Array, to: Int32Array, width: number, compare: Order): Steps<void> {
  for (let start = 0; start < from.length; start += 2 * width) {
    const middle = Math.min(start + width, from.length)
    const end = Math.min(start + 2 * width, from.length)
    let [left, right] = [start, middle]
    for (let at = start; at < end; at++) {
      const isLeft = left < middle && (right >= end || compare(from[left] ?? 0, from[right] ?? 0) <= 0)
      to[at] = from[isLeft ? left++ : right++] ?? 0
      if (at % AT_ONCE === 0) yield
    }
  }
}
