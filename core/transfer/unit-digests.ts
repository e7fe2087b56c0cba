import { createHash } from "node:crypto"
import type { Clock } from "../base/clock.js"
import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"

/** SHA-1, bytes. */
const DIGEST_BYTES = 20

/** Units between two looks at other work: 1 MiB is hashed in 1 to 2 ms. */
const UNITS_AT_A_TIME = 64

/** SHA-1 of each 16 KiB unit of a part, one after the other: 20 bytes a unit. The part's bytes must stay as they are meanwhile. */
export async function digestUnits(bytes: Uint8Array, clock: Pick<Clock, "soon">): Promise<Uint8Array> {
  const unitCount = Math.ceil(bytes.length / STANDARD_BLOCK_BYTES)
  const digests = new Uint8Array(unitCount * DIGEST_BYTES)
  for (let unit = 0; unit < unitCount; unit++) {
    const from = unit * STANDARD_BLOCK_BYTES
    const digest = createHash("sha1")
      .update(bytes.subarray(from, from + STANDARD_BLOCK_BYTES))
      .digest()
    digests.set(digest, unit * DIGEST_BYTES)
    if (unit % UNITS_AT_A_TIME === UNITS_AT_A_TIME - 1) await new Promise<void>((resolve) => clock.soon(resolve))
  }
  return digests
}
