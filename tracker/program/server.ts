import { createServer, type RequestListener, type Server } from "node:http"
import pino, { type Logger } from "pino"
import { DEFAULT_INTERVAL_SECONDS, type ErrorAnswer } from "../../core/announce/shapes.js"
import type { Clock, Random } from "../../core/base/clock.js"
import { Turns } from "../base/turns.js"
import { AddressBudget, type Budget } from "../http/address-budget.js"
import { createGuard } from "../http/bearer-token.js"
import { createDoor } from "../http/door.js"
import { createHandler } from "../http/handler.js"
import { createLocalNames } from "../http/local-names.js"
import type { MetricsText } from "../http/metrics.js"
import { createProxyList } from "../http/proxy-list.js"
import { Readiness } from "../http/readiness.js"
import type { RequestObserver } from "../http/request-observer.js"
import type { PeerStore } from "../peers/peer-store.js"
import { MemoryStore } from "../stores/memory-store.js"
import { listenOn, outlive } from "./listen.js"

export interface TrackerOptions {
  /** Default "localhost": both loopback addresses. */
  readonly host?: string
  /** Default 5000; 0 takes any free one. */
  readonly port?: number
  /** Default: a memory store of its own. A store that is handed in is closed with the tracker. */
  readonly store?: PeerStore
  /** Seconds between two announces of a client; default 30. */
  readonly intervalSeconds?: number
  /** Most peers in one answer; default 200. */
  readonly maxPeers?: number
  /** Proxies whose X-Forwarded-For is believed, as addresses or networks; default none. */
  readonly proxies?: readonly string[]
  /** Bearer token that every request must carry; default: none, requests need no token. */
  readonly token?: string
  /** What one address may register, and how many peers it may add; see the defaults below. */
  readonly documentBudget?: Budget
  readonly peerBudget?: Budget
  /** What one address may have done by requests that cost many announces, counted in those. */
  readonly workBudget?: Budget
  /** Whether the interval in answers varies by ±10 %, so that clients spread out; default true. */
  readonly jitters?: boolean
  /** For head and body of one request together, milliseconds; default 10 s. */
  readonly requestTimeoutMs?: number
  /** Called for every request. */
  readonly observers?: readonly RequestObserver[]
  /** What GET /metrics answers; default: it is not there. */
  readonly readMetrics?: () => Promise<MetricsText>
  /** Default: silent. */
  readonly log?: Logger
  readonly clock?: Clock
  readonly random?: Random
}

/** A tracker that answers. */
export interface Tracker {
  readonly host: string
  /** The real port, also when 0 was asked for. */
  readonly port: number
  /** "http://host:port", IPv6 in brackets. */
  readonly url: string
  /** Answers what was asked, then stops. May be called twice. */
  close(): Promise<void>
}

export const DEFAULT_HOST = "localhost"
export const DEFAULT_PORT = 5000
const DEFAULT_MAX_PEERS = 200

/**
 * What one address may make a tracker remember. Ours: wide enough for a lab behind one address and for
 * a client that brings all its documents back after a tracker was lost; some 10 MB of memory at most.
 */
const DEFAULT_DOCUMENT_BUDGET: Budget = { burst: 10_000, perSecond: 1 }
const DEFAULT_PEER_BUDGET: Budget = { burst: 250_000, perSecond: 250 }

/** In documents of POST /alive: a hundred clients behind one address may hold 1,500 each at an interval of 30 s. Ours. */
const DEFAULT_WORK_BUDGET: Budget = { burst: 50_000, perSecond: 5_000 }

/** A peer is gone after this many intervals without a word. Ours: two announces may get lost. */
export const EXPIRY_INTERVALS = 3

/** For head and body of one request together, so that a byte now and then does not hold a connection. */
const DEFAULT_REQUEST_TIMEOUT_MS = 10_000

/** How often connections are looked at for that; so much later a slow one may end. */
const CHECK_EVERY_MS = 1_000

const MAX_HEADER_BYTES = 8 * 1024

/** How long `close` lets answers finish, milliseconds. */
const CLOSE_GRACE_MS = 1_000

/** Starts a tracker. Rejects with a ConfigError when it can't listen there. */
export async function startTracker(options: TrackerOptions = {}): Promise<Tracker> {
  const host = options.host ?? DEFAULT_HOST
  const proxies = createProxyList(options.proxies ?? [])
  const intervalSeconds = options.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS
  const log = options.log ?? pino({ level: "silent" })
  const store =
    options.store ??
    new MemoryStore({
      expirySeconds: intervalSeconds * EXPIRY_INTERVALS,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      ...(options.random === undefined ? {} : { random: options.random }),
    })
  const handler = createHandler(
    {
      store,
      intervalSeconds,
      maxPeers: options.maxPeers ?? DEFAULT_MAX_PEERS,
      proxies,
      budgets: {
        documents: new AddressBudget(options.documentBudget ?? DEFAULT_DOCUMENT_BUDGET, options.clock),
        sites: new AddressBudget(tenfold(options.documentBudget ?? DEFAULT_DOCUMENT_BUDGET), options.clock),
        newPeers: new AddressBudget(options.peerBudget ?? DEFAULT_PEER_BUDGET, options.clock),
        work: new AddressBudget(options.workBudget ?? DEFAULT_WORK_BUDGET, options.clock),
      },
      turns: new Turns(),
      door: createDoor(proxies, createLocalNames(host), log),
      guard: createGuard(options.token),
      readiness: new Readiness(store, options.clock),
      trustsCallers: options.token !== undefined,
      jitters: options.jitters ?? true,
      random: options.random ?? Math.random,
      readMetrics: options.readMetrics,
    },
    log,
    options.observers,
  )
  const listening = listenOn(host, options.port ?? DEFAULT_PORT, () =>
    createHttpServer(handler, options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS),
  )
  const { servers, port } = await listening.catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  for (const server of servers) outlive(server, log, options.clock)
  let closing: Promise<void> | undefined
  return {
    host,
    port,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    close() {
      closing ??= Promise.all(servers.map(closeServer)).then(() => store.close())
      return closing
    },
  }
}

function tenfold({ burst, perSecond }: Budget): Budget {
  return { burst: burst * 10, perSecond: perSecond * 10 }
}

function createHttpServer(handler: RequestListener, requestTimeoutMs: number): Server {
  const limits = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, requestTimeoutMs),
    maxHeaderSize: MAX_HEADER_BYTES,
    // The door asks for it: Node's own answer has no body.
    requireHostHeader: false,
  }
  const server = createServer(limits, handler)
  // An expectation that it does not know may be left unmet by a server (RFC 9110, 10.1.1); Node's own 417 has no body.
  server.on("checkExpectation", handler)
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    // What node's parser refuses never reaches the handler. A socket that was reset or answered on has no reader.
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy()
    socket.end(rawRefusal(error.code))
  })
  return server
}

/** A whole HTTP answer as text, for a request that node's parser gave up on. */
function rawRefusal(errorCode: string | undefined): string {
  const [status, code, message] =
    errorCode === "HPE_HEADER_OVERFLOW"
      ? ["431 Request Header Fields Too Large", "headers_too_large", "the headers are too large"]
      : errorCode === "ERR_HTTP_REQUEST_TIMEOUT"
        ? ["408 Request Timeout", "too_slow", "the request did not arrive in time"]
        : ["400 Bad Request", "bad_request", "this is no HTTP request"]
  const body = JSON.stringify({ error: { code, message } } satisfies ErrorAnswer)
  const head = `connection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`
  return `HTTP/1.1 ${status}\r\n${head}\r\n\r\n${body}`
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS)
  await closed
  clearTimeout(deadline)
}
