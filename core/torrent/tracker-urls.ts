/** Tracker URLs that are kept of one file or link (our choice: public files name up to 100), and characters of one. */
export const MAX_TRACKER_URLS = 100
export const MAX_TRACKER_URL_LENGTH = 2_048

/** Whether a text is the URL of an http or https tracker. */
export function isHttpUrl(text: string): boolean {
  if (text.length > MAX_TRACKER_URL_LENGTH || !URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return (protocol === "http:" || protocol === "https:") && hostname !== ""
}

/** Whether a text is the URL of a standard tracker: of http or https, or of UDP (BEP 15), which names its port. */
export function isStandardTrackerUrl(text: string): boolean {
  if (isHttpUrl(text)) return true
  if (text.length > MAX_TRACKER_URL_LENGTH || !URL.canParse(text)) return false
  const { protocol, hostname, port } = new URL(text)
  return protocol === "udp:" && hostname !== "" && Number(port) > 0
}

/** The usable URLs of a list, each once, in order. */
export function usableTrackers(urls: readonly string[], isUsable = isHttpUrl): readonly string[] {
  return [...new Set(urls.map((url) => url.trim()).filter(isUsable))].slice(0, MAX_TRACKER_URLS)
}
