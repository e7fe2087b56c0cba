import { setTimeout } from "node:timers/promises"

/** Array buffers are given back in the background after a collection. */
const SETTLE_MS = 200

/** Loaded before a program under measurement (`node --expose-gc --import`): says what lives in its memory when a line comes. */
process.stdin.on("data", () => void tell()).unref()

async function tell(): Promise<void> {
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.()
    await setTimeout(SETTLE_MS)
  }
  const { heapUsed, external } = process.memoryUsage()
  process.stdout.write(`memory ${heapUsed + external}\n`)
}
