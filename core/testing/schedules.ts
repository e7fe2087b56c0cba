/**
 * `npm run schedules [minutes] [seed]`: three real clients under random commands, faults of disks and trackers, and restarts, one seed after the
 * other, for 10 minutes by default. Each seed is printed. Exit status 1 when one failed; the others are run all the same.
 */
import { ClientSchedule } from "./client-schedule.js"
import { runSchedule } from "./run-schedule.js"

const [minutes = 10, firstSeed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number)
const say = (line: string) => process.stdout.write(`${line}\n`)
const minutesGone = () => performance.now() / 60_000
const failed: number[] = []
let seed = firstSeed

// Resources that a process opens once and keeps are open before the first footprint.
const warmUp = await ClientSchedule.create(0)
await warmUp.run(1)
await warmUp.dispose()

for (; minutesGone() < minutes; seed++) {
  try {
    await runSchedule(seed)
    say(`seed ${seed}`)
  } catch (error) {
    failed.push(seed)
    say(String(error))
  }
}
say(`${seed - firstSeed} schedules in ${minutesGone().toFixed(1)} min, ${failed.length} failed: ${failed.join(", ")}`)
if (failed.length > 0) process.exitCode = 1
