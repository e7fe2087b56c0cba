import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { Refusal } from "../base/refusal.js"

/** Lets a request through, or throws a Refusal 401. */
export type Guard = (request: IncomingMessage) => void

/** A scheme's name is written in any case, with one blank or more behind it (RFC 9110, 11.1 and 11.4). */
const BEARER = /^bearer +(.*)$/i

/** Admits every request, or, with a token, only those with `Authorization: Bearer <token>` (RFC 6750). */
export function createGuard(token: string | undefined): Guard {
  if (token === undefined) return () => {}
  const expected = digestOf(token)
  return (request) => {
    const sent = BEARER.exec(request.headers.authorization ?? "")?.[1]
    // Digests have one length, so the time of the comparison reveals nothing, not even the length of the token.
    if (sent !== undefined && timingSafeEqual(digestOf(sent), expected)) return
    throw new Refusal(401, "unauthorized", "this tracker is private: its token is needed", {
      "www-authenticate": "Bearer",
    })
  }
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
