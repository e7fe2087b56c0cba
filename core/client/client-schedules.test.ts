import { afterEach, describe, expect, it } from "vitest"
import { ClientSchedule } from "../testing/client-schedule.js"
import { footprint, untilBackAt } from "../testing/footprint.js"

/** `SCHEDULES=1000 SCHEDULE_FROM=40 npx vitest run core/client/client-schedules.test.ts` runs more, from another seed on. */
const COUNT = Number(process.env["SCHEDULES"] ?? 12)
const SAME = process.env["SCHEDULE_SAME"] !== undefined
const FROM = Number(process.env["SCHEDULE_FROM"] ?? 1)
const STEPS = 60

describe("three clients under random commands, faults of disks and trackers, and restarts", () => {
  let schedule: ClientSchedule | undefined
  const unheard: unknown[] = []
  const hear = (error: unknown) => void unheard.push(error)

  afterEach(async () => {
    process.off("unhandledRejection", hear)
    await schedule?.dispose()
    schedule = undefined
    unheard.length = 0
  })

  it.each(Array.from({ length: COUNT }, (_, index) => FROM + (SAME ? 0 : index)))(
    "seed %i: every command ends, no wrong byte gets a name, nothing stays open",
    async (seed) => {
      process.on("unhandledRejection", hear)
      const before = footprint()
      const run = await ClientSchedule.create(seed)
      schedule = run
      try {
        await run.run(STEPS)
        await run.finish()
      } catch (error) {
        throw new Error(`seed ${seed}, ${String(error)}, after ${run.log.join(", ")}`, { cause: error })
      }
      await run.dispose()
      schedule = undefined
      expect(unheard).toEqual([])
      await untilBackAt(before)
    },
  )
})
