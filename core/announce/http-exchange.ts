import type { LookupAddress } from "node:dns"
import { Agent as HttpAgent } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import { promisify } from "node:util"
import { unzip } from "node:zlib"
import type { Got } from "got"
import { errnoOf, TrackerError } from "../base/errors.js"
import { failureOf } from "./tracker-failure.js"

/** What came back: any status, and the whole body, unzipped. */
export interface HttpAnswer<Body> {
  readonly status: number
  readonly retryAfterMs: number | undefined
  /** The header `location`, as it was sent. */
  readonly location: string | undefined
  /** IP address that answered; undefined when it has hung up meanwhile. */
  readonly remoteHost: string | undefined
  readonly body: Body
}

export interface HttpOptions {
  /** Its name and password, if any, are sent as Basic credentials (RFC 7617). */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** For the whole exchange, from the look-up of the name to the last byte. */
  readonly timeoutMs: number
  /** A longer body is not read to its end. */
  readonly maxBodyBytes: number
  readonly signal: AbortSignal | undefined
  /** Addresses of the host; without them the system resolves its name. */
  readonly addresses?: readonly LookupAddress[]
}

/**
 * Time for each address of a name before the next is tried, ms, our choice. Node's 250 ms are too short for distant hosts; a lost first
 * packet is sent again after 1 s (RFC 6298).
 */
const ADDRESS_ATTEMPT_MS = 3_000

// One connection per announce: half a minute lies between two, and a kept connection would mostly be found closed.
const agentOptions = { keepAlive: false, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS }
const agent = { http: new HttpAgent(agentOptions), https: new HttpsAgent(agentOptions) }

const unzipAsync = promisify(unzip)

// got takes a good part of a second to load, so the first announce pays for it and not the start of the program.
let loading: Promise<Got> | undefined
/** Settles when requests cost no more than themselves: a deadline that begins before would be spent on loading. */
export function loadGot(): Promise<Got> {
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
  const { url, credentials } = withoutCredentials(options.url)
  const addresses = options.addresses ?? addressesOfLocalhost(url.hostname)
  const stream = got.stream(url, {
    ...request,
    isStream: true,
    headers: { ...options.headers, ...(credentials === undefined ? {} : { authorization: credentials }) },
    agent,
    timeout: { request: options.timeoutMs },
    // The caller's schedule decides when to try again, and where a redirect may lead (foreign-get.ts).
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    // A small compressed body could unfold into a huge one.
    decompress: false,
    ...(addresses === undefined ? {} : { dnsLookup: lookupOf(addresses) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const body = await readBody(stream as AsyncIterable<Uint8Array>, options).finally(() => stream.destroy())
  const { response } = stream
  return {
    status: response?.statusCode ?? 0,
    retryAfterMs: parseRetryAfter(response?.headers["retry-after"]),
    location: response?.headers.location,
    remoteHost: response?.ip,
    body: await unzipped(body, options),
  }
}

/** "localhost" means both addresses of this machine (RFC 6761, 6.3), whatever its hosts file says; undefined for another name. */
export function addressesOfLocalhost(hostname: string): readonly LookupAddress[] | undefined {
  if (hostname !== "localhost") return undefined
  return [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ]
}

/** got and Node decode them themselves, and throw what is no failure of the tracker at a "%" that begins no byte. */
function withoutCredentials(text: string): { readonly url: URL; readonly credentials: string | undefined } {
  const url = new URL(text)
  const { username, password } = url
  if (username === "" && password === "") return { url, credentials: undefined }
  url.username = ""
  url.password = ""
  const credentials = Buffer.from(`${percentDecode(username)}:${percentDecode(password)}`)
  return { url, credentials: `Basic ${credentials.toString("base64")}` }
}

function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not percent-encoded UTF-8: it was meant as it stands.
    return text
  }
}

type Lookup = (
  hostname: string,
  options: { readonly all?: boolean },
  done: (error: null, addresses: string | readonly LookupAddress[], family?: number) => void,
) => void

/** A look-up that returns the addresses resolved before, so that no other address is connected to. */
function lookupOf(addresses: readonly LookupAddress[]): never {
  const lookup: Lookup = (_hostname, { all }, done) => {
    const [first] = addresses
    if (all === true || first === undefined) done(null, addresses)
    else done(null, first.address, first.family)
  }
  // got types its option by the library that is not bundled; it is passed to node:net unchanged.
  return lookup as never
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
    throw failureOf(error, options.url, options.timeoutMs)
  }
  return Buffer.concat(chunks)
}

/** Some trackers compress unasked. A body that can't be decompressed is passed on; the parser refuses it. */
async function unzipped(body: Uint8Array, options: HttpOptions): Promise<Uint8Array> {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body
  try {
    return await unzipAsync(body, { maxOutputLength: options.maxBodyBytes })
  } catch (error) {
    if (errnoOf(error) === "ERR_BUFFER_TOO_LARGE") throw tooLarge(options)
    return body
  }
}

function tooLarge(options: HttpOptions): TrackerError {
  return new TrackerError(
    "too_large",
    `the tracker's answer is larger than ${options.maxBodyBytes} bytes, the most that is read`,
  )
}

/** Only the form in seconds is read (RFC 9110, 10.2.3): a date would need the two clocks to agree. */
function parseRetryAfter(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : undefined
}
