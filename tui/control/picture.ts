import type { ClientSnapshot } from "../../core/index.js"

export interface Picture {
  readonly snapshot: ClientSnapshot
}
