import { expect, it } from "vitest"
import { jobProgress } from "../../commands/job-progress.js"
import { lineOfJob } from "./list-line.js"

const JOB = {
  id: "hashing-1",
  kind: "hashing",
  name: "a.iso",
  filePath: "/srv/a.iso",
  doneBytes: 0,
  totalBytes: 0,
  bytesPerSecond: 0,
} as const

it("does not show as done what is hashed for an upload, before its size is known [U14]", () => {
  const job = { ...JOB, isPaused: true }
  expect(lineOfJob(job)).toMatchObject({ letter: "P", size: "-", done: "-", fraction: 0 })
  expect(jobProgress(job).lines).toEqual(["a.iso: hashing, not begun, paused"])
  expect(lineOfJob({ ...JOB, doneBytes: 1_024, totalBytes: 2_048 })).toMatchObject({ letter: "H", fraction: 0.5 })
})
