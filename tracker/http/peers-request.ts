import { type PeersRequest, peersRequestSchema } from "../../core/announce/shapes.js"
import { checkShape } from "../base/refusal.js"
import { isLowerCaseUuid } from "../base/uuid.js"

/**
 * The body of POST /peers. What is right at first sight, as nearly all of it is, is taken by hand in a tenth of the
 * time that the schema takes; the schema says what is wrong with the rest, and takes the unusual. Throws a Refusal.
 */
export function readPeersRequest(value: unknown): PeersRequest {
  return isUsual(value) ? value : checkShape(peersRequestSchema, value)
}

function isUsual(value: unknown): value is PeersRequest {
  if (typeof value !== "object" || value === null) return false
  const { hash, listening_host, listening_port, left, limit, event } = value as Record<keyof PeersRequest, unknown>
  return (
    typeof hash === "string" &&
    isLowerCaseUuid(hash) &&
    typeof listening_host === "string" &&
    listening_host !== "" &&
    listening_host.length <= 255 &&
    isWholeNumber(listening_port, 1, 65_535) &&
    (left === undefined || isWholeNumber(left, 0, Number.MAX_SAFE_INTEGER)) &&
    (limit === undefined || isWholeNumber(limit, 0, Number.MAX_SAFE_INTEGER)) &&
    (event === undefined || event === "started" || event === "completed" || event === "stopped")
  )
}

function isWholeNumber(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
}
