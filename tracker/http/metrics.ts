import type { AggregatorRegistry, Registry } from "prom-client"
import type { PeerStore } from "../peers/peer-store.js"
import { OutcomeCounts } from "./outcome-counts.js"
import type { RequestObserver } from "./request-observer.js"

/** What GET /metrics answers. */
export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

/** Counts what a tracker does, for Prometheus. */
export interface Metrics {
  readonly registry: Registry
  readonly observe: RequestObserver
  /** Reports the size of this store from now on. */
  watch(store: PeerStore): void
  read(): Promise<MetricsText>
}

/** Upper bounds in seconds: an announce takes some 0.1 ms, and the last ones are those of a store that hangs. */
const LATENCY_BUCKETS = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5]

/** One by one, between requests that need the processor's caches themselves, the histogram takes several times as long. */
const LATENCIES_AT_ONCE = 1_024

/** Both protocols' announces, by the path they come in on. */
const PROTOCOLS: Readonly<Record<string, string>> = { "/peers": "json", "/announce": "bep3" }

/** prom-client is loaded only here: a tracker inside a client needs none. */
export async function createMetrics(): Promise<Metrics> {
  const prom = await import("prom-client")
  const registry = new prom.Registry()
  const outcomes = new OutcomeCounts()
  countRequests(prom, registry, outcomes)
  countAnnounces(prom, registry, outcomes)
  countRefusals(prom, registry, outcomes)
  const noteLatency = collectLatencies(prom, registry)
  gaugeMemory(prom, registry)
  return {
    registry,
    observe({ path, status, refused, seconds }) {
      outcomes.add(path, status, refused)
      noteLatency(seconds)
    },
    watch: (store) => gaugeStore(prom, registry, store),
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

type Prom = typeof import("prom-client")

function countRequests({ Counter }: Prom, registry: Registry, outcomes: OutcomeCounts): void {
  new Counter({
    name: "p2p_tracker_requests_total",
    help: "Requests answered, by path and HTTP status.",
    labelNames: ["path", "status"],
    registers: [registry],
    collect() {
      this.reset()
      for (const { path, status, count } of outcomes.all()) this.inc({ path, status }, count)
    },
  })
}

function countAnnounces({ Counter }: Prom, registry: Registry, outcomes: OutcomeCounts): void {
  new Counter({
    name: "p2p_tracker_announces_total",
    help: "Announces that were not refused, by protocol.",
    labelNames: ["protocol"],
    registers: [registry],
    collect() {
      this.reset()
      for (const protocol of Object.values(PROTOCOLS)) this.inc({ protocol }, 0)
      for (const { path, status, refused, count } of outcomes.all()) {
        const protocol = PROTOCOLS[path]
        // BEP 3 is refused with 200, and OPTIONS is answered with 204.
        if (protocol !== undefined && refused === undefined && status === 200) this.inc({ protocol }, count)
      }
    },
  })
}

function countRefusals({ Counter }: Prom, registry: Registry, outcomes: OutcomeCounts): void {
  new Counter({
    name: "p2p_tracker_refusals_total",
    help: "Requests refused, by the code of the error.",
    labelNames: ["code"],
    registers: [registry],
    collect() {
      this.reset()
      for (const { refused, count } of outcomes.all()) if (refused !== undefined) this.inc({ code: refused }, count)
    },
  })
}

/** Returns what notes one request's time, seconds. */
function collectLatencies({ Histogram }: Prom, registry: Registry): (seconds: number) => void {
  const latencies = new Float64Array(LATENCIES_AT_ONCE)
  let waiting = 0
  const latency = new Histogram({
    name: "p2p_tracker_request_seconds",
    help: "Time from a request's head to its answer.",
    buckets: LATENCY_BUCKETS,
    registers: [registry],
    collect: () => observeWaiting(),
  })
  const observeWaiting = () => {
    for (const seconds of latencies.subarray(0, waiting)) latency.observe(seconds)
    waiting = 0
  }
  return (seconds) => {
    latencies[waiting++] = seconds
    if (waiting === LATENCIES_AT_ONCE) observeWaiting()
  }
}

function gaugeMemory({ Gauge }: Prom, registry: Registry): void {
  new Gauge({
    name: "p2p_tracker_resident_bytes",
    help: "Resident memory of the process.",
    registers: [registry],
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
}

function gaugeStore({ Gauge }: Prom, registry: Registry, store: PeerStore): void {
  for (const what of ["documents", "peers"] as const)
    new Gauge({
      name: `p2p_tracker_${what}`,
      help: `How many ${what} this process holds; a Redis is to be asked itself.`,
      // Every worker on one file holds all of them.
      aggregator: "max",
      registers: [registry],
      collect() {
        const totals = store.totals()
        if (totals !== undefined) this.set(totals[what])
      },
    })
}

/** Sums up the metrics of all workers; for the process that started them. */
export async function createClusterMetrics(): Promise<Pick<Metrics, "read">> {
  const { AggregatorRegistry } = await import("prom-client")
  const all: AggregatorRegistry<"text/plain; version=0.0.4; charset=utf-8"> = new AggregatorRegistry()
  return { read: async () => ({ contentType: all.contentType, text: await all.clusterMetrics() }) }
}

/** Lets the process that started this worker read these metrics. */
export async function shareMetrics({ registry }: Metrics): Promise<void> {
  const { AggregatorRegistry } = await import("prom-client")
  AggregatorRegistry.setRegistries([registry])
  // Its constructor is what listens for the question.
  new AggregatorRegistry()
}
