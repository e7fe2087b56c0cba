import { describe, expect, it } from "vitest"
import { allowedFastSet } from "./allowed-fast.js"

const INFO_HASH = new Uint8Array(20).fill(0xaa)

describe("the allowed-fast set", () => {
  it("is the one of BEP 6's example", () => {
    expect(allowedFastSet("80.4.4.200", INFO_HASH, 1313, 7)).toEqual([1059, 431, 808, 1217, 287, 376, 1188])
    expect(allowedFastSet("80.4.4.200", INFO_HASH, 1313, 9)).toEqual([1059, 431, 808, 1217, 287, 376, 1188, 353, 508])
  })

  it("is the same for a whole /24, and another elsewhere", () => {
    expect(allowedFastSet("80.4.4.7", INFO_HASH, 1313)).toEqual(allowedFastSet("80.4.4.200", INFO_HASH, 1313))
    expect(allowedFastSet("80.4.5.200", INFO_HASH, 1313)).not.toEqual(allowedFastSet("80.4.4.200", INFO_HASH, 1313))
  })

  it("is every part of a document that has few", () => {
    expect([...allowedFastSet("10.0.0.1", INFO_HASH, 3)].sort()).toEqual([0, 1, 2])
    expect(allowedFastSet("10.0.0.1", INFO_HASH, 0)).toEqual([])
  })

  it("is empty for IPv6, for which BEP 6 has no algorithm", () => {
    expect(allowedFastSet("2001:db8::1", INFO_HASH, 1313)).toEqual([])
  })
})
