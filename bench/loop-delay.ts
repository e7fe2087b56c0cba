import { monitorEventLoopDelay } from "node:perf_hooks"

/** Loaded before a program under measurement (`node --import`): how late its event loop is between one SIGUSR2 and the next. */
const delay = monitorEventLoopDelay({ resolution: 1 })

process.on("SIGUSR2", () => {
  // What its timer measures includes the interval itself: a millisecond.
  const lateMs = Math.max(0, delay.percentile(99) / 1e6 - 1)
  process.stdout.write(delay.count > 0 ? `event loop delay p99 ${lateMs.toFixed(1)} ms\n` : "event loop delay begins\n")
  delay.reset()
  delay.enable()
})
