import type { Row } from "../drawing/cells.js"
import type { Extent } from "../drawing/scroll-bar.js"

/** What a view puts between header and footer: at most as many rows as there is room for. */
export interface Body {
  readonly rows: readonly Row[]
  /** Of its list, if it has one that scrolls. */
  readonly extent?: Extent
}
