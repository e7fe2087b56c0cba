import { setTimeout as delay } from "node:timers/promises"
import type { MeteredProgram } from "./metered-program.js"
import { onStage } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const WATCHED_MS = 10_000
const RATES = ["1MB/s", "20MB/s"] as const

/** What passes in ten seconds under a limit, in times the limit; wall time is what the limit alone would need for it. */
export const limits: readonly Measurement[] = RATES.map((rate) => ({
  name: `a limit of ${rate} over 10 s, two documents at once`,
  contenders: [
    { name: "upload", run: () => watched("upload", rate) },
    { name: "download", run: () => watched("download", rate) },
  ],
}))

function watched(direction: "upload" | "download", rate: string): Promise<Sample> {
  return onStage(async (stage) => {
    const tracker = await stage.tracker()
    const limited = { [direction]: rate }
    const seeder = stage.client("seeder", ["--plain", "--json", "--seed"], direction === "upload" ? limited : {})
    for (const name of ["a", "b"]) {
      seeder.type(`upload --open "${stage.sample(name, 256)}" "${stage.path(`${name}.json`)}"`)
      await seeder.line(new RegExp(`SUCCESSFUL UPLOAD.*${name}.json`))
    }
    const fetcher = stage.client("fetcher", ["--plain", "--json"], direction === "download" ? limited : {})
    for (const name of ["a", "b"]) fetcher.type(`download "${stage.path(`${name}.json`)}" ${name}`)
    const sample = await passedBetween(fetcher)
    for (const program of [fetcher, seeder, tracker]) await program.kill()
    return sample
  })
}

/** Looks when both have begun, and again so much later. */
async function passedBetween(fetcher: MeteredProgram): Promise<Sample> {
  let before = await fetchedBytes(fetcher)
  while (before.length < 2 || Math.min(...before) === 0) before = await fetchedBytes(fetcher)
  const startedAtMs = performance.now()
  await delay(WATCHED_MS)
  const after = await fetchedBytes(fetcher)
  const seconds = (performance.now() - startedAtMs) / 1_000
  const [a = 0, b = 0] = after.map((bytes, index) => bytes - (before[index] ?? 0))
  const remark = `${((a + b) / seconds / 1e6).toFixed(2)} MB/s, ${(a / 1e6).toFixed(1)} and ${(b / 1e6).toFixed(1)} MB`
  return { wallSeconds: seconds, cpuSeconds: fetcher.cpuSecondsSoFar, peakBytes: fetcher.residentBytes, remark }
}

/** Payload received so far, of each document in the order of the list. */
async function fetchedBytes(fetcher: MeteredProgram): Promise<readonly number[]> {
  const after = fetcher.lines.length
  fetcher.type("list")
  const answer = await fetcher.line(/"event":"list"/, after)
  return [...answer.matchAll(/"downloaded_bytes":(\d+)/g)].map(([, bytes]) => Number(bytes))
}
