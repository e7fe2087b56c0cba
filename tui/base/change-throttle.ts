import type { Client } from "../../core/index.js"

/**
 * Calls `listener` after changes of the client, at most once in `intervalMs`, and not at all while nothing changes: no
 * timer runs then. A burst of changes causes one call, one interval (read anew each time) after its first change. Returns
 * the function that ends the calls.
 */
export function onChangeAtMost(
  client: Pick<Client, "onChange">,
  intervalMs: number | (() => number),
  listener: () => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  const stop = client.onChange(() => {
    timer ??= setTimeout(
      () => {
        timer = undefined
        listener()
      },
      typeof intervalMs === "number" ? intervalMs : intervalMs(),
    )
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}
