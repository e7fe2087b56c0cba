import { readdirSync } from "node:fs"

/** The system resources of a process: number of each kind (timers, sockets, worker threads …), including open descriptors. */
export type Footprint = ReadonlyMap<string, number>

const DESCRIPTORS = "open descriptors"

/** Handles are released in a later turn of the event loop than the close of their owner, which a busy disk may put off; a timer may not last. */
const AT_MOST_MS = 5_000
const LOOK_MS = 5

/** The resources of this process now. Descriptors are counted where the system has /proc. */
export function footprint(): Footprint {
  const held = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) held.set(kind, (held.get(kind) ?? 0) + 1)
  try {
    held.set(DESCRIPTORS, readdirSync("/proc/self/fd").length)
  } catch {
    // This system has no such folder: the kinds above cover sockets and files too, only less reliably.
  }
  return held
}

/** Settles when nothing is held beyond `base`, a footprint taken before. @throws Error that names what still is. */
export async function untilBackAt(base: Footprint): Promise<void> {
  for (const since = performance.now(); performance.now() - since < AT_MOST_MS; ) {
    if (excess(base).length === 0) return
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  throw new Error(`still held: ${excess(base).join(", ")}`)
}

function excess(base: Footprint): string[] {
  return [...footprint()].flatMap(([kind, count]) => {
    const more = count - (base.get(kind) ?? 0)
    // Immediates end without a call, and the wait itself is one.
    return more > 0 && kind !== "Immediate" ? [`${more} ${kind}`] : []
  })
}
