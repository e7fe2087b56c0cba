import { expect, it } from "vitest"
import { Turns } from "./turns.js"

it("does one caller's jobs one after the other, and those of others beside them [S11]", async () => {
  const turns = new Turns()
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const job = (name: string) => () =>
    new Promise<string>((resolve) => {
      begun.push(name)
      ends.set(name, () => resolve(name))
    })
  const [a1, a2, b1] = [turns.take("a", job("a1")), turns.take("a", job("a2")), turns.take("b", job("b1"))]
  await Promise.resolve()
  expect(begun).toEqual(["a1", "b1"])
  expect([turns.waiting("a"), turns.waiting("b")]).toEqual([2, 1])
  ends.get("a1")?.()
  expect(await a1).toBe("a1")
  expect(begun).toEqual(["a1", "b1", "a2"])
  ends.get("a2")?.()
  ends.get("b1")?.()
  await Promise.all([a2, b1])
  expect([turns.waiting("a"), turns.waiting("b")]).toEqual([0, 0])
})

it("runs the next job after one that fails", async () => {
  const turns = new Turns()
  const failed = turns.take("a", () => Promise.reject(new Error("away")))
  const next = turns.take("a", async () => 1)
  await expect(failed).rejects.toThrow("away")
  expect(await next).toBe(1)
  expect(turns.waiting("a")).toBe(0)
})
