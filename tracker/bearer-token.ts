import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { Refusal } from "./refusal.js"

/** Lets a request through, or throws a Refusal 401. */
export type Guard = (request: IncomingMessage) => void

/** Who may use the tracker: everybody, or whoever sends `Authorization: Bearer <token>` (RFC 6750). */
export function createGuard(token: string | undefined): Guard {
  if (token === undefined) return () => {}
  const expected = digestOf(`Bearer ${token}`)
  return (request) => {
    // Digests have one length, so the time of the comparison tells nothing, not even how long the token is.
    if (timingSafeEqual(digestOf(request.headers.authorization ?? ""), expected)) return
    throw new Refusal(401, "unauthorized", "this tracker is private: its token is needed", {
      "www-authenticate": "Bearer",
    })
  }
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
