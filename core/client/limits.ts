import type { LimitChange } from "../api/client-api.js"
import { CommandError } from "../base/errors.js"
import type { ClientResources } from "../document/client-resources.js"
import type { Document } from "../document/document.js"

/** @throws CommandError "bad_limit" for a rate of 0 or less. */
export function requireRates({ downBytesPerSecond, upBytesPerSecond }: LimitChange): void {
  for (const rate of [downBytesPerSecond, upBytesPerSecond])
    if (typeof rate === "number" && !(rate > 0 && Number.isFinite(rate)))
      throw new CommandError(
        "bad_limit",
        `a limit is more than 0 bytes a second, not ${rate}; to stop a document, pause it`,
      )
}

/** Changes the limits of all documents together, and remembers them beside what the config says. */
export function setClientLimits(
  { downBytesPerSecond: down, upBytesPerSecond: up }: LimitChange,
  { downLimit, upLimit, configLimits, library }: ClientResources,
): void {
  if (down !== undefined) {
    downLimit.setRate(down ?? undefined)
    library.keepLimits({ down: { rate: down, config: configLimits.downBytesPerSecond ?? null } })
  }
  if (up !== undefined) {
    upLimit.setRate(up ?? undefined)
    library.keepLimits({ up: { rate: up, config: configLimits.upBytesPerSecond ?? null } })
  }
}

export function setDocumentLimits(
  { downBytesPerSecond: down, upBytesPerSecond: up }: LimitChange,
  document: Document,
): void {
  const chosen = (change: number | null | undefined, before: number | undefined): number | undefined =>
    change === undefined ? before : (change ?? undefined)
  document.limit({
    down: chosen(down, document.downLimit.ownBytesPerSecond),
    up: chosen(up, document.upLimit.ownBytesPerSecond),
  })
}
