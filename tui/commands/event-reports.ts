import { type Client, type ClientEvent, formatHostPort } from "../../core/index.js"
import { factFields } from "./fact-fields.js"
import type { Report } from "./report.js"

/** Where the client listens, and the tracker it goes by. */
export function readyReport(client: Pick<Client, "listening" | "snapshot">): Report {
  const { listening } = client
  const { tracker } = client.snapshot()
  const own = tracker.kind === "own" ? " (started inside this client)" : ""
  return {
    event: "ready",
    lines: [
      `listening on ${formatHostPort(listening.host, listening.port)}, ${tracker.state === "none" ? "no tracker" : `tracker ${tracker.url}${own}`}`,
    ],
    fields: { host: listening.host, port: listening.port, tracker: tracker.url, tracker_kind: tracker.kind },
  }
}

/** What line mode says of an event of the engine; undefined for one that only the log has. */
export function noteReport(event: ClientEvent): Report | undefined {
  const { name, level, message, document, peer, facts } = event
  // The first line says it of one that was started with the client.
  if (name === "tracker_started" && facts?.["late"] === true)
    return { event: name, lines: [message], fields: { message, port: facts["port"] } }
  if (level !== "warn" && level !== "error") return undefined
  const about = document === undefined ? "" : `${document.name}: `
  return {
    event: "note",
    lines: [`${level === "warn" ? "warning" : "error"}: ${about}${message}`],
    fields: { name, level, message, document: document?.id ?? null, peer: peer ?? null, facts: factFields(facts, 0) },
  }
}
