import type { Random } from "../../core/base/clock.js"

// One key is looked up at a time and no call awaits, so all tables share the place where its words stand.
const keyScratch = new Int32Array(5)

/** The words of a compact peer. They are overwritten by the next call. */
export function keyOf(peer: Uint8Array, keyWords: number): Int32Array {
  let at = 0
  for (let word = 0; word < keyWords - 1; word++, at += 4)
    keyScratch[word] =
      ((peer[at] ?? 0) << 24) | ((peer[at + 1] ?? 0) << 16) | ((peer[at + 2] ?? 0) << 8) | (peer[at + 3] ?? 0)
  keyScratch[keyWords - 1] = ((peer[at] ?? 0) << 8) | (peer[at + 1] ?? 0)
  return keyScratch
}

// Mixed into every hash, so that no list of addresses that crowd one place of the index works on every tracker.
const hashSeed = (Math.random() * 0x1_0000_0000) | 0

/** murmur3's 32-bit mix over the key's words (public domain). */
export function hashOf(words: Int32Array, at: number, count: number): number {
  let hash = hashSeed
  for (let word = 0; word < count; word++) {
    let value = Math.imul(words[at + word] ?? 0, 0xcc9e2d51)
    value = Math.imul((value << 15) | (value >>> 17), 0x1b873593)
    hash ^= value
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** A number in 1..size-1 (1 for size <= 2) that shares no factor with `size`. */
export function randomStride(size: number, random: Random): number {
  if (size <= 2) return 1
  for (;;) {
    const stride = 1 + Math.floor(random() * (size - 1))
    if (greatestCommonDivisor(stride, size) === 1) return stride
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
