import { Agent as HttpAgent } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import type { Got, RequestError } from "got"
import { errnoOf, TrackerError } from "../errors.js"

/** What came back: any status, and the whole body as text. */
export interface HttpAnswer {
  readonly status: number
  readonly retryAfterMs: number | undefined
  readonly body: string
}

export interface HttpPostOptions {
  readonly url: string
  /** Sent as JSON. */
  readonly json: unknown
  readonly headers: Readonly<Record<string, string>>
  /** For the whole exchange, from the look-up of the name to the last byte. */
  readonly timeoutMs: number
  /** A longer body is not read to its end. */
  readonly maxBodyBytes: number
  readonly signal: AbortSignal | undefined
}

// One connection per announce: half a minute lies between two, and a kept connection would mostly be found closed.
const agent = { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) }

// got takes a good part of a second to load, so the first announce pays for it and not the start of the program.
let loading: Promise<Got> | undefined
function loadGot(): Promise<Got> {
  loading ??= import("got").then(({ got }) => got)
  return loading
}

/**
 * One POST. Whatever status the server answers is returned. Throws a TrackerError "unreachable", "timeout" or
 * "too_large"; an aborted signal rejects with its reason.
 */
export async function postJson(options: HttpPostOptions): Promise<HttpAnswer> {
  const got = await loadGot()
  options.signal?.throwIfAborted()
  const stream = got.stream.post(options.url, {
    json: options.json,
    headers: options.headers,
    agent,
    timeout: { request: options.timeoutMs },
    // The caller's schedule decides when to try again, and a redirect would let one tracker send us to any address.
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    // A small compressed body could unfold into a huge one.
    decompress: false,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const chunks: Uint8Array[] = []
  let bodyBytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bodyBytes += chunk.length
      if (bodyBytes > options.maxBodyBytes) throw tooLarge(options)
      chunks.push(chunk)
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    throw asTrackerError(error, options)
  } finally {
    stream.destroy()
  }
  return {
    status: stream.response?.statusCode ?? 0,
    retryAfterMs: parseRetryAfter(stream.response?.headers["retry-after"]),
    body: Buffer.concat(chunks).toString("utf8"),
  }
}

function tooLarge(options: HttpPostOptions): TrackerError {
  return new TrackerError(
    "too_large",
    `the tracker's answer is larger than ${options.maxBodyBytes} bytes, the most that is read`,
  )
}

function asTrackerError(error: unknown, options: HttpPostOptions): TrackerError {
  if (error instanceof TrackerError) return error
  const code = errnoOf(error)
  const { origin } = new URL(options.url)
  if (code === "ETIMEDOUT" && (error as RequestError).name === "TimeoutError")
    return new TrackerError("timeout", `the tracker at ${origin} did not answer within ${options.timeoutMs} ms`, {
      cause: error,
    })
  return new TrackerError(
    "unreachable",
    `no tracker can be reached at ${origin}${code === undefined ? "" : ` (${code})`}`,
    {
      cause: error,
    },
  )
}

/** Only the form in seconds is read (RFC 9110, 10.2.3): a date would need the two clocks to agree. */
function parseRetryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : undefined
}
