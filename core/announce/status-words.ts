import { displayText } from "../base/display.js"

/** What an HTTP status other than 200 means when a tracker is asked. */
const MEANINGS: Readonly<Record<number, string>> = {
  401: "it wants a token, or a name and password",
  403: "it does not let this client in",
  404: "there is no tracker at this path",
  405: "there is no tracker at this path",
  407: "a proxy on the way wants a name and password",
  410: "there is no tracker any more",
  411: "a proxy on the way does not take such requests",
  413: "it finds the request too large",
  414: "it finds the request too long",
  429: "too many requests",
  500: "it has a fault of its own",
  502: "the proxy in front of it can't reach it",
  503: "it, or what it depends on, is not ready",
  504: "the proxy in front of it got no answer from it",
  507: "it has no room",
}

/** "HTTP 404: there is no tracker at this path"; `location` is the header of that name. */
export function statusWords(status: number, location?: string): string {
  if (status >= 300 && status < 400 && location !== undefined)
    return `HTTP ${status}: it has moved to ${displayText(location, 100)}`
  const meaning = MEANINGS[status]
  return meaning === undefined ? `HTTP ${status}` : `HTTP ${status}: ${meaning}`
}
