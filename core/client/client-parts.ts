import type { ClientResources } from "../document/client-resources.js"
import type { Closing } from "./closing.js"

/** What `openClient` has put together for a client to run on. */
export interface ClientParts {
  readonly resources: ClientResources
  readonly serviceFolder: string
  readonly listening: { readonly host: string; readonly port: number }
  /** Listeners of `onChange`, called by the resources's `changed`. */
  readonly changeListeners: Set<() => void>
  /** Closes the client and all that it was put together from. */
  readonly closing: Closing
}
