import { describe, expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { UploadJobs } from "./upload-jobs.js"

describe("UploadJobs", () => {
  it("shows a job from its beginning to its end, with its rate", () => {
    const clock = new FakeClock()
    let changes = 0
    const jobs = new UploadJobs(clock, () => changes++)
    const job = jobs.begin("a.iso", "/srv/a.iso")
    expect(jobs.snapshot()).toMatchObject([{ kind: "hashing", name: "a.iso", doneBytes: 0, bytesPerSecond: 0 }])
    clock.advance(1_000)
    job.progress({ doneBytes: 500, totalBytes: 2_000, doneFiles: 3, totalFiles: 9 })
    expect(jobs.snapshot()).toMatchObject([
      { doneBytes: 500, totalBytes: 2_000, doneFiles: 3, totalFiles: 9, bytesPerSecond: 500 },
    ])
    job.end()
    expect(jobs.snapshot()).toEqual([])
    expect(changes).toBe(3)
  })

  it("holds a paused job until it is resumed or its signal is aborted, and says so", async () => {
    const jobs = new UploadJobs(new FakeClock(), () => undefined)
    const pauses: boolean[] = []
    const job = jobs.begin("a.iso", "/srv/a.iso", { onPause: (isPaused) => pauses.push(isPaused) })
    const ending = new AbortController()
    await job.untilOn(ending.signal)
    const [id = ""] = jobs.snapshot().map((each) => each.id)
    expect([jobs.pause(id, true), jobs.pause(id, true), jobs.pause("other", true)]).toEqual([true, true, false])
    expect(jobs.snapshot()).toMatchObject([{ isPaused: true, bytesPerSecond: 0 }])
    const order: string[] = []
    const held = job.untilOn(ending.signal).then(() => order.push("went on"))
    order.push("resumed")
    jobs.pause(id, false)
    await held
    expect([order, pauses]).toEqual([
      ["resumed", "went on"],
      [true, false],
    ])
    jobs.pause(id, true)
    const ended = job.untilOn(ending.signal)
    ending.abort()
    await ended
    await job.untilOn(ending.signal)
    job.end()
  })

  it("distinguishes jobs of the same name", () => {
    const jobs = new UploadJobs(new FakeClock(), () => undefined)
    const first = jobs.begin("a.iso", "/srv/a.iso")
    jobs.begin("a.iso", "/srv/a.iso")
    const [one, two] = jobs.snapshot()
    expect(one?.id).not.toBe(two?.id)
    first.end()
    expect(jobs.snapshot().map(({ id }) => id)).toEqual([two?.id])
  })
})
