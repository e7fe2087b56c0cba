import { describe, it } from "vitest"
import { runSchedule } from "../testing/run-schedule.js"

/** `npm run schedules` runs them for minutes. */
const COUNT = 12

describe("three clients under random commands, faults of disks and trackers, and restarts", () => {
  it.each(Array.from({ length: COUNT }, (_, index) => index + 1))(
    "seed %i: every command ends, no wrong byte gets a name, nothing stays open",
    (seed) => runSchedule(seed),
  )
})
