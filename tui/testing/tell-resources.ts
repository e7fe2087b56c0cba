import { writeFileSync } from "node:fs"

/**
 * Loaded into a client that is watched (`node --expose-gc --import`): writes now and then what keeps its loop busy (timers,
 * sockets, requests) and what lives in its memory into the file that RESOURCES_FILE names.
 */
const EVERY_MS = 2_000

export interface Resources {
  readonly timers: number
  /** All of them, timers too. */
  readonly active: number
  /** After a collection: objects and array buffers. */
  readonly liveMiB: number
}

const path = process.env["RESOURCES_FILE"]
if (path !== undefined) setInterval(() => tell(path), EVERY_MS).unref()

function tell(path: string): void {
  globalThis.gc?.()
  const active = process.getActiveResourcesInfo()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const timers = active.filter((name) => name === "Timeout").length
  const resources: Resources = { timers, active: active.length, liveMiB: (heapUsed + arrayBuffers) / 2 ** 20 }
  writeFileSync(path, JSON.stringify(resources))
}
