import { createHash } from "node:crypto"
import { expect, it } from "vitest"
import { systemClock } from "../base/clock.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import { digestUnits } from "./unit-digests.js"

it.each([1, BLOCK, 3 * BLOCK + 7, 130 * BLOCK])(
  "digests each 16 KiB of a part of %i bytes, in shared memory too",
  async (length) => {
    const bytes = new Uint8Array(new SharedArrayBuffer(length)).fill(5)
    bytes[length - 1] = 9
    const digests = await digestUnits(bytes, systemClock)
    const units = Array.from({ length: Math.ceil(length / BLOCK) }, (_, unit) =>
      createHash("sha1")
        .update(Uint8Array.from(bytes.subarray(unit * BLOCK, (unit + 1) * BLOCK)))
        .digest(),
    )
    expect(Buffer.from(digests).equals(Buffer.concat(units))).toBe(true)
  },
)
