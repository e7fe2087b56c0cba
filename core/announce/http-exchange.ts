import { Agent as HttpAgent } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import type { Got, RequestError } from "got"
import { errnoOf, TrackerError } from "../errors.js"

/** What came back: any status, and the whole body. */
export interface HttpAnswer<Body> {
  readonly status: number
  readonly retryAfterMs: number | undefined
  readonly body: Body
}

export interface HttpOptions {
  readonly url: string
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
 * One POST of JSON; the body of the answer as text. Whatever status the server answers is returned. Throws a TrackerError
 * "unreachable", "timeout" or "too_large"; an aborted signal rejects with its reason.
 */
export async function postJson(options: HttpOptions & { readonly json: unknown }): Promise<HttpAnswer<string>> {
  const answer = await exchange(options, { method: "POST", json: options.json })
  return { ...answer, body: Buffer.from(answer.body).toString("utf8") }
}

/** One GET; the body of the answer as bytes. Like `postJson` in everything else. */
export function getBytes(options: HttpOptions): Promise<HttpAnswer<Uint8Array>> {
  return exchange(options, { method: "GET" })
}

async function exchange(
  options: HttpOptions,
  request: { readonly method: "GET" } | { readonly method: "POST"; readonly json: unknown },
): Promise<HttpAnswer<Uint8Array>> {
  const got = await loadGot()
  options.signal?.throwIfAborted()
  const stream = got.stream(options.url, {
    ...request,
    isStream: true,
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
  const body = await readBody(stream as AsyncIterable<Uint8Array>, options).finally(() => stream.destroy())
  return {
    status: stream.response?.statusCode ?? 0,
    retryAfterMs: parseRetryAfter(stream.response?.headers["retry-after"]),
    body,
  }
}

async function readBody(stream: AsyncIterable<Uint8Array>, options: HttpOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bodyBytes = 0
  try {
    for await (const chunk of stream) {
      bodyBytes += chunk.length
      if (bodyBytes > options.maxBodyBytes) throw tooLarge(options)
      chunks.push(chunk)
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    throw asTrackerError(error, options)
  }
  return Buffer.concat(chunks)
}

function tooLarge(options: HttpOptions): TrackerError {
  return new TrackerError(
    "too_large",
    `the tracker's answer is larger than ${options.maxBodyBytes} bytes, the most that is read`,
  )
}

function asTrackerError(error: unknown, options: HttpOptions): TrackerError {
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
