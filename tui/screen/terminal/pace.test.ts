import { describe, expect, it } from "vitest"
import { intervalFor, timeDrawing } from "./pace.js"

describe("the pace of pictures", () => {
  it.each([
    [0, 250],
    [12, 250],
    [20, 400],
    [500, 1_000],
  ])("a picture that took %d ms is followed by the next after %d ms", (drawingMs, intervalMs) => {
    expect(intervalFor(drawingMs)).toBe(intervalMs)
  })

  it("counts what is set off in later microtasks", async () => {
    const order: string[] = []
    await new Promise<void>((resolve) => {
      const begin = (): void => queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => order.push("drawn"))))
      timeDrawing(begin, (drawingMs) => {
        order.push("timed")
        expect(drawingMs).toBeGreaterThanOrEqual(0)
        resolve()
      })
    })
    expect(order).toEqual(["drawn", "timed"])
  })
})
