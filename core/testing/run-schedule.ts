import { ClientSchedule } from "./client-schedule.js"
import { footprint, untilBackAt } from "./footprint.js"

const STEPS = 60

/**
 * Runs the schedule of a seed to its end. @throws Error that names the seed and the actions: a command did not end, a wrong byte got a name,
 * a resource stayed open, or a rejection was not handled.
 */
export async function runSchedule(seed: number): Promise<void> {
  const unheard: unknown[] = []
  const hear = (error: unknown) => void unheard.push(error)
  process.on("unhandledRejection", hear)
  const before = footprint()
  const schedule = await ClientSchedule.create(seed)
  try {
    await schedule.run(STEPS)
    await schedule.finish()
    await schedule.dispose()
    if (unheard.length > 0) throw new Error(`not heard: ${unheard.join("; ")}`)
    await untilBackAt(before)
  } catch (error) {
    await schedule.dispose()
    throw new Error(`seed ${seed}, ${String(error)}, after ${schedule.log.join(", ")}`, { cause: error })
  } finally {
    process.off("unhandledRejection", hear)
  }
}
