import { setImmediate } from "node:timers/promises"

/** Work of which each step takes some milliseconds at most. */
export type Steps<R> = Generator<void, R>

/** Takes all steps. */
export function atOnce<R>(steps: Steps<R>): R {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

/** Takes all steps, and lets other work go on after each. */
export async function oneByOne<R>(steps: Steps<R>): Promise<R> {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await setImmediate()
  }
}
