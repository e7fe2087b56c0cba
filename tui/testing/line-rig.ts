import { PassThrough } from "node:stream"
import { untilSo } from "../../core/testing/until-so.js"
import { Journal } from "../commands/journal.js"
import type { LineModeOptions } from "../lines/line-mode.js"
import { ownClient } from "../lines/own-client.js"
import { FakeClient } from "./fake-client.js"

/** A fake client has no folder. */
const AS_TYPED = { folder: "", serviceFolder: "" }

/** A fake client, and line mode's options with streams in the test's hand. */
export function lineRig(given: { readonly json?: boolean; readonly seed?: boolean } = {}) {
  const client = new FakeClient()
  const journal = new Journal(() => 0)
  const ending = new AbortController()
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() }
  const options: LineModeOptions = {
    ...streams,
    json: given.json ?? false,
    seed: given.seed ?? false,
    signal: ending.signal,
  }
  const place = ownClient(client, { paths: AS_TYPED, onEvent: journal.subscribe })
  const lines = (stream: PassThrough): readonly string[] =>
    String(stream.read() ?? "")
      .split("\n")
      .slice(0, -1)
  return {
    client,
    place,
    journal,
    ending,
    options,
    ...streams,
    out: () => lines(streams.stdout),
    err: () => lines(streams.stderr),
  }
}

/** Resolves when the fake client was asked to download `torrent`. */
export async function downloadBegun(client: FakeClient, torrent: string) {
  return untilSo(() => client.downloads.get(torrent))
}
