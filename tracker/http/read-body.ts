import type { IncomingMessage } from "node:http"
import { Refusal } from "../base/refusal.js"

/** Largest request body in bytes. Ours have some 150, but for those that name many documents. */
const MAX_BODY_BYTES = 8 * 1024

/**
 * The body of a request as JSON, whatever it says. Throws a Refusal 415 (not JSON by its content-type, or in a charset
 * that is not UTF-8), 413 (too large), 400 (no JSON). How long it may take is the server's requestTimeout.
 */
export async function readJson(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<unknown> {
  checkContentType(request.headers["content-type"])
  const body = await readText(request, maxBytes)
  try {
    return JSON.parse(body)
  } catch {
    throw new Refusal(400, "bad_json", "the body is no JSON")
  }
}

// micro parses the header too, but answers a malformed one with 500 and takes any type for JSON.
const JSON_TYPE = /^application\/(?:json|[\w.-]+\+json)\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i

/** It must be said: a page in a browser may send what has no type, or a form's, anywhere without asking (CORS). */
function checkContentType(header: string | undefined): void {
  if (header !== "application/json" && !JSON_TYPE.test(header ?? ""))
    throw new Refusal(415, "not_json", "the body must be JSON in UTF-8 (content-type: application/json)")
}

/** micro's own reader takes a good part of a request's time: it asks and checks what is known here. */
function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let body: Buffer = Buffer.alloc(0)
    let used = 0
    const refuse = (status: number, code: string, message: string) => {
      // The rest of an oversized body is not waited for.
      request.pause()
      reject(new Refusal(status, code, message, { connection: "close" }))
    }
    request.on("data", (chunk: Buffer) => {
      const byteCount = used + chunk.length
      if (byteCount > maxBytes) return refuse(413, "too_large", `the body must have at most ${maxBytes} bytes`)
      if (used === 0) body = chunk
      else {
        body = withRoomFor(byteCount, body)
        chunk.copy(body, used)
      }
      used = byteCount
    })
    request.once("end", () => resolve(body.toString("utf8", 0, used)))
    request.once("error", () => refuse(400, "bad_body", "the body did not arrive whole"))
  })
}

/** Twice the room that is needed: a body of single bytes is not copied anew for each of them. */
function withRoomFor(byteCount: number, body: Buffer): Buffer {
  if (byteCount <= body.length) return body
  const larger = Buffer.allocUnsafe(2 * byteCount)
  body.copy(larger)
  return larger
}
