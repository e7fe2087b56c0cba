import type { Client } from "../api/client-api.js"

/** Resolves as soon as `holds` does, which is checked after every change of `client`. */
export function until(client: Client, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return
      stop()
      resolve()
    }
    const stop = client.onChange(look)
    look()
  })
}
