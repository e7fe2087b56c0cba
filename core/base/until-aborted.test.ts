import { getEventListeners } from "node:events"
import { expect, it } from "vitest"
import { untilAborted } from "./until-aborted.js"

it("settles as the work does, and leaves no listener on the signal", async () => {
  const { signal } = new AbortController()
  expect(await untilAborted(async () => 7, signal)).toBe(7)
  await expect(untilAborted(() => Promise.reject(new RangeError("no")), signal)).rejects.toBeInstanceOf(RangeError)
  expect(getEventListeners(signal, "abort")).toEqual([])
})

it("rejects with the reason as the cause when the signal is aborted, while the work continues", async () => {
  const controller = new AbortController()
  let finish = () => {}
  const work = new Promise<void>((resolve) => (finish = resolve))
  const waiting = untilAborted(() => work, controller.signal)
  const reason = new Error("the user leaves")
  controller.abort(reason)
  await expect(waiting).rejects.toMatchObject({ code: "interrupted", cause: reason })
  expect(getEventListeners(controller.signal, "abort")).toEqual([])
  finish()
})

it("begins nothing when the signal was aborted before", async () => {
  let began = false
  const begin = async () => {
    began = true
  }
  await expect(untilAborted(begin, AbortSignal.abort())).rejects.toMatchObject({ code: "interrupted" })
  expect(began).toBe(false)
})

it("ignores the rejection of work that took the signal too, whatever its reason is", async () => {
  const unhandled: unknown[] = []
  const listen = (error: unknown) => unhandled.push(error)
  process.on("unhandledRejection", listen)
  const controller = new AbortController()
  const { signal } = controller
  const work = () =>
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }))
  const waiting = untilAborted(work, signal)
  controller.abort("SIGTERM")
  await expect(waiting).rejects.toMatchObject({ code: "interrupted", cause: "SIGTERM" })
  // Node reports unhandled rejections after the microtasks.
  await new Promise((resolve) => setImmediate(resolve))
  process.off("unhandledRejection", listen)
  expect(unhandled).toEqual([])
})
