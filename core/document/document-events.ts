import type { ClientEvent, EventListener } from "../api/events.js"

/** Reports an event of one document. */
export type ReportEvent = (
  level: ClientEvent["level"],
  name: string,
  message: string,
  more?: Pick<ClientEvent, "peer" | "facts">,
) => void

/** `name`: fit to show. */
export function eventsOf(
  { id, name: shown }: { readonly id: string; readonly name: string },
  onEvent: EventListener,
): ReportEvent {
  const document = { id, name: shown }
  return (level, name, message, more = {}) => onEvent({ level, name, message, document, ...more })
}
