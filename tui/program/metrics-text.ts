import type { Gauge, Registry } from "prom-client"
import type { ClientSnapshot, DocumentSnapshot } from "../../core/index.js"

/** Documents with labels of their own; the others are one, "other". Our choice: 10 series each. */
const MAX_LABELLED = 500

/** Of a name, as much as a legend shows. */
const MAX_NAME_CHARACTERS = 100

const STATES = ["checking", "downloading", "seeding", "paused", "failed"] as const

/** The metrics of each document and of all together: the end of the name, the help and the value. */
const VALUES: readonly (readonly [name: string, help: string, of: (document: DocumentSnapshot) => number])[] = [
  ["size_bytes", "Size.", ({ sizeBytes }) => sizeBytes],
  ["have_bytes", "Verified bytes on disk.", ({ haveBytes }) => haveBytes],
  ["down_bytes_per_second", "Download rate.", ({ downBytesPerSecond }) => downBytesPerSecond],
  ["up_bytes_per_second", "Upload rate.", ({ upBytesPerSecond }) => upBytesPerSecond],
  ["downloaded_bytes", "Payload downloaded since the client started.", ({ downloadedBytes }) => downloadedBytes],
  ["uploaded_bytes", "Payload uploaded since the client started.", ({ uploadedBytes }) => uploadedBytes],
  ["connected_peers", "Peers that are connected.", ({ connectedPeers }) => connectedPeers],
  ["known_peers", "Addresses of peers that are known.", ({ knownPeers }) => knownPeers],
]

/** Names of all metrics, for the documents' test. */
export const METRIC_NAMES: readonly string[] = [
  "p2p_tui_documents",
  ...VALUES.flatMap(([name]) => [`p2p_tui_${name}`, `p2p_tui_document_${name}`]),
]

export interface ClientMetrics {
  readonly contentType: string
  read(snapshot: ClientSnapshot): Promise<string>
}

/** prom-client is loaded only here: most clients are never asked. */
export async function createClientMetrics(): Promise<ClientMetrics> {
  const { Gauge, Registry } = await import("prom-client")
  const registry: Registry = new Registry()
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> =>
    new Gauge({ name: `p2p_tui_${name}`, help, labelNames, registers: [registry] })
  const documents = gauge("documents", "Documents, by state.", ["state"])
  const gauges = VALUES.map(([name, help, of]) => ({
    of,
    total: gauge(name, `${help} Of all documents.`, []),
    each: gauge(`document_${name}`, `${help} Of one document; "other" is what is beyond ${MAX_LABELLED}.`, [
      "document",
      "name",
    ]),
  }))
  return {
    contentType: registry.contentType,
    read(snapshot) {
      for (const state of STATES)
        documents.set({ state }, snapshot.documents.filter((document) => document.state === state).length)
      for (const { of, total, each } of gauges) {
        total.set(sumOf(snapshot.documents, of))
        // A document that left the list leaves the metrics.
        each.reset()
        for (const document of snapshot.documents.slice(0, MAX_LABELLED))
          each.set({ document: document.id, name: document.name.slice(0, MAX_NAME_CHARACTERS) }, of(document))
        const others = snapshot.documents.slice(MAX_LABELLED)
        if (others.length > 0) each.set({ document: "other", name: "other" }, sumOf(others, of))
      }
      return registry.metrics()
    },
  }
}

function sumOf(documents: readonly DocumentSnapshot[], of: (document: DocumentSnapshot) => number): number {
  return documents.reduce((sum, document) => sum + of(document), 0)
}
