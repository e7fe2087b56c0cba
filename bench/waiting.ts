import { setTimeout as delay } from "node:timers/promises"
import { endLoopDelay, loopDelay } from "./loop-delays.js"
import type { MeteredProgram } from "./metered-program.js"
import type { Sample } from "./transfers.js"

/** Until what a start brings with it is over; then how long it is watched. */
const SETTLE_MS = 10_000
const WATCHED_MS = 5_000

/** What `list` says of a document whose parts no peer has. */
export const WAITING = /"event":"list".*"state":"(downloading|waiting|stalled)"/

/** From `begin` until `list` shows the document in that state, and then what the client does at rest. */
export async function waiting(client: MeteredProgram, state: RegExp, begin = () => {}): Promise<Sample> {
  const startedAtMs = performance.now()
  const cpuBefore = client.cpuSecondsSoFar
  begin()
  for (let after = client.lines.length; ; after = client.lines.length) {
    client.type("list")
    if (state.test(await client.line(/"event":"list"/, after))) break
    await delay(20)
  }
  const wallSeconds = (performance.now() - startedAtMs) / 1_000
  const cpuSeconds = client.cpuSecondsSoFar - cpuBefore
  const { p99Ms, maxMs } = await loopDelay(client)
  endLoopDelay(client)
  const rest = await restingShare(client)
  const remark = `loop late by p99 ${p99Ms.toFixed(0)}, at most ${maxMs.toFixed(0)} ms, at rest ${rest.toFixed(2)} % of a core`
  return { wallSeconds, cpuSeconds, peakBytes: client.peakBytes, loopMs: maxMs, remark }
}

async function restingShare(client: MeteredProgram): Promise<number> {
  await delay(SETTLE_MS)
  const before = client.cpuSecondsSoFar
  await delay(WATCHED_MS)
  return ((client.cpuSecondsSoFar - before) * 100_000) / WATCHED_MS
}
