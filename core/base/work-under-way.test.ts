import { expect, it } from "vitest"
import { deferred } from "../testing/deferred.js"
import { WorkUnderWay } from "./work-under-way.js"

it("has ended when all work has, also such that failed, and such that began meanwhile", async () => {
  const work = new WorkUnderWay()
  const order: string[] = []
  const { promise: first, reject: failFirst } = deferred()
  const { promise: second, resolve: endSecond } = deferred()
  const refused = expect(work.add(first)).rejects.toThrow("no")
  const ended = work.ended().then(() => order.push("ended"))
  void work.add(second).then(() => order.push("second"))
  failFirst(new Error("no"))
  await refused
  endSecond()
  await ended
  expect(order).toEqual(["second", "ended"])
  await work.ended()
})
