import fc from "fast-check"

/** One change to a valid input, as a careless or hostile sender would make it. */
export type Edit =
  | { readonly kind: "flip" | "set" | "insert"; readonly at: number; readonly value: number }
  | { readonly kind: "remove" | "repeat"; readonly at: number; readonly length: number }
  | { readonly kind: "cut"; readonly at: number }

/** Applies the changes in order. `at` of an edit: its position as a share of the length, 0 to 1. */
export function applyEdits(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce(applyEdit, bytes)
}

/** Any few changes, each meaningful on its own when it shrinks. */
export const anyEdits: fc.Arbitrary<Edit[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom("flip", "set", "insert"), at: share(), value: interestingByte() }),
    fc.record({ kind: fc.constantFrom("remove", "repeat"), at: share(), length: fc.integer({ min: 1, max: 64 }) }),
    fc.record({ kind: fc.constant("cut"), at: share() }),
  ),
  { minLength: 1, maxLength: 6 },
)

/** Inputs that are nearly valid. */
export function nearly(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(valid, anyEdits).map(([bytes, edits]) => applyEdits(bytes, edits))
}

/** Cuts of a stream into chunks, of any sizes. */
export const anyChunkSizes: fc.Arbitrary<number[]> = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 4_000 })),
  { minLength: 1, maxLength: 30 },
)

/** The chunks of `bytes` when sizes follow each other round and round. */
export function* chunks(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
    const end = offset + (sizes[turn % sizes.length] ?? 1)
    yield bytes.subarray(offset, end)
    offset = end
  }
}

function applyEdit(bytes: Uint8Array, edit: Edit): Uint8Array {
  const position = Math.floor(edit.at * bytes.length)
  const before = bytes.subarray(0, position)
  const after = bytes.subarray(position)
  switch (edit.kind) {
    case "flip":
      return Buffer.concat([before, after.subarray(0, 1).map((byte) => byte ^ edit.value), after.subarray(1)])
    case "set":
      return Buffer.concat([before, Uint8Array.of(edit.value), after.subarray(1)])
    case "insert":
      return Buffer.concat([before, Uint8Array.of(edit.value), after])
    case "remove":
      return Buffer.concat([before, after.subarray(edit.length)])
    case "repeat":
      return Buffer.concat([before, after.subarray(0, edit.length), after])
    case "cut":
      return before
    default:
      return edit satisfies never
  }
}

function share(): fc.Arbitrary<number> {
  return fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
}

/** Ends of ranges, and what means something in one of the formats that are read here. */
function interestingByte(): fc.Arbitrary<number> {
  return fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, ...Buffer.from('-0.e"\\{}[]:;dli%&=')), fc.nat({ max: 255 }))
}
