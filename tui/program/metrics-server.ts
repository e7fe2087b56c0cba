import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { type ClientSnapshot, ConfigError, errnoOf, formatHostPort, parseHost, reasonOf } from "../../core/index.js"
import type { Config } from "../config/config.js"
import { type ClientMetrics, createClientMetrics } from "./metrics-text.js"

export interface MetricsServer {
  readonly port: number
  /** May be called twice. */
  close(): Promise<void>
}

/** A collector or two; whatever else connects waits. Our choice. */
const MAX_CONNECTIONS = 16

const REQUEST_TIMEOUT_MS = 5_000

/** Serves GET /metrics to programs of this machine. Rejects with a ConfigError when it can't listen. */
export async function startMetricsServer(
  { host, port }: NonNullable<Config["metrics"]>,
  snapshot: () => ClientSnapshot | undefined,
): Promise<MetricsServer> {
  let metrics: Promise<ClientMetrics> | undefined
  const server = createServer((request, response) => {
    metrics ??= createClientMetrics()
    void metrics.then((loaded) => answer(request, response, loaded, snapshot()))
  })
  server.maxConnections = MAX_CONNECTIONS
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.headersTimeout = REQUEST_TIMEOUT_MS
  server.listen(port, host)
  try {
    await once(server, "listening")
  } catch (cause) {
    const code = errnoOf(cause) === "EADDRINUSE" ? "port_in_use" : "listen_failed"
    const where = formatHostPort(host, port)
    throw new ConfigError(code, `metrics can't be served on ${where}: ${reasonOf(cause)}`, { cause })
  }
  const bound = server.address()
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    async close() {
      if (!server.listening) return
      const closed = once(server, "close")
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: ClientMetrics,
  snapshot: ClientSnapshot | undefined,
): Promise<void> {
  const status = refusalOf(request) ?? (snapshot === undefined ? 503 : undefined)
  if (status !== undefined || snapshot === undefined) return void response.writeHead(status ?? 503).end()
  const text = await metrics.read(snapshot)
  response.writeHead(200, { "content-type": metrics.contentType })
  response.end(request.method === "HEAD" ? undefined : text)
}

/** A page in a browser is refused, also one whose name was made to lead to this machine (DNS rebinding): the metrics have names of documents. */
function refusalOf({ method, url, headers }: IncomingMessage): number | undefined {
  if (headers.origin !== undefined || !isLocalName(headers.host ?? "")) return 403
  if (url?.split("?")[0] !== "/metrics") return 404
  return method === "GET" || method === "HEAD" ? undefined : 405
}

function isLocalName(hostHeader: string): boolean {
  const name = hostHeader.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1")
  return name === "localhost" || parseHost(name)?.kind === "loopback"
}
