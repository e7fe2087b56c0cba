import { expect, it } from "vitest"
import { failureCodes } from "./failure-codes.js"

it("the codes of failures are found in the sources", () => {
  const some = ["disk_full", "too_many_files", "hasher_ended", "file_changed", "file_replaced", "is_folder", "in_use"]
  expect(failureCodes()).toEqual(expect.arrayContaining(some))
})
