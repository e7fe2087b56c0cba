import { expect, it } from "vitest"
import { choosePartSize } from "./part-size.js"

const KIB = 1024
const MIB = 1024 * KIB

it.each([
  [0, 256 * KIB],
  [1, 256 * KIB],
  [2000 * 256 * KIB, 256 * KIB],
  [2000 * 256 * KIB + 1, 512 * KIB],
  [1024 * MIB, 1024 * KIB],
  [2000 * 8 * MIB + 1, 16 * MIB],
  [2 ** 45, 16 * MIB],
])("a file of %i bytes gets parts of %i bytes", (sizeBytes, partSizeBytes) => {
  expect(choosePartSize(sizeBytes)).toBe(partSizeBytes)
})
