import type { Client } from "../api/client-api.js"

/** Settles as soon as `holds` does, which is looked at after every change of `client`. */
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
