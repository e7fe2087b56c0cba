import { describe, expect, it } from "vitest"
import { requireRoom } from "./disk-room.js"

describe("the room that a transaction needs", () => {
  const disk = (bavail: number) => () => ({ bavail, bsize: 4_096 })

  it("is 1 MiB: with less nothing is begun, for lmdb aborts where a page can't be written [S3]", () => {
    expect(() => requireRoom("/data", disk(256))).not.toThrow()
    expect(() => requireRoom("/data", disk(255))).toThrow(
      expect.objectContaining({ code: "ENOSPC", message: expect.stringContaining("1044480 bytes are free") }),
    )
  })
})
