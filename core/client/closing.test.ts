import { expect, it } from "vitest"
import { Closing } from "./closing.js"

it("closes the last first, all of them although one fails, and once only", async () => {
  const closed: string[] = []
  const closing = new Closing()
  closing.defer(() => closed.push("first"))
  closing.defer(async () => Promise.reject(new RangeError("second")))
  closing.defer(async () => {
    closed.push("third")
    throw new TypeError("third")
  })
  await expect(closing.close()).rejects.toThrow(new TypeError("third"))
  await expect(closing.close()).rejects.toThrow(new TypeError("third"))
  expect(closed).toEqual(["third", "first"])
})
