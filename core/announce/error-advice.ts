/**
 * Advice for the user on an error of this project's tracker, by its code; undefined for codes whose message suffices. The texts are ours,
 * because another server may answer with any text.
 */
export function adviceFor(code: string): string | undefined {
  return ADVICE.get(code)
}

const ADVICE: ReadonlyMap<string, string> = new Map([
  [
    "store_full",
    "it has as many documents as it may have, and takes this one when others are forgotten: use another tracker, or ask its operator to raise --max-documents",
  ],
  [
    "no_browsers",
    "it takes the request for that of a page in a browser: something on the way adds an Origin or Sec-Fetch-Site header; ask it directly, without that proxy",
  ],
  [
    "wrong_host",
    "it knows its machine by other names: write localhost or 127.0.0.1 for tracker.host in the config; behind a reverse proxy on its machine, start it with --proxy",
  ],
  [
    "too_much_work",
    "this address asks for more than it may: wait, or run fewer clients with many documents behind one address; it is asked again automatically",
  ],
])
