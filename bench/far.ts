import { fileURLToPath } from "node:url"
import { freePort } from "../core/testing/free-port.js"
import { clocked, clockedPipe } from "./clocked.js"
import { MeteredProgram } from "./metered-program.js"
import { onStage, requireSame } from "./stage.js"
import type { Measurement, Sample } from "./transfers.js"

const RELAY = fileURLToPath(new URL("./relay.js", import.meta.url))
const MEBIBYTES = 1_024
/** 1 Gbit/s. */
const LINK_BYTES_PER_SECOND = 125_000_000
const LEAST_SECONDS = (MEBIBYTES * 1024 * 1024) / LINK_BYTES_PER_SECOND
const DOWNLOADED = /SUCCESSFUL DOWNLOAD/

/** One connection over a far link, which a relay makes of loopback: what the protocol keeps in flight, without the kernel's part in it. */
export const far: readonly Measurement[] = [0, 50, 200].map((roundTripMs) => ({
  name: `a far peer, 1 GiB over 1 Gbit/s, round trip ${roundTripMs} ms (no less than ${LEAST_SECONDS.toFixed(2)} s)`,
  contenders: [
    { name: "bare Node pipe", run: () => barePipe(roundTripMs) },
    { name: "p2p-tui", run: () => ours(roundTripMs, "open") },
    { name: "p2p-tui, private", run: () => ours(roundTripMs, "private") },
  ],
}))

function barePipe(roundTripMs: number): Promise<Sample> {
  return onStage(async (stage) => {
    const file = stage.sample("sample", MEBIBYTES)
    const port = await freePort()
    const seeder = stage.barePipe("seed", file, String(port))
    await seeder.line(/listening/)
    const relay = await relayTo(port, roundTripMs)
    const fetcher = stage.barePipe("fetch", String(relay.port), stage.path("copy"))
    await fetcher.line(/ready/)
    const cost = await clockedPipe(stage, MEBIBYTES, file, [fetcher, seeder])
    await relay.program.kill()
    return { ...cost, remark: shareOfLink(cost.wallSeconds) }
  })
}

function ours(roundTripMs: number, kind: "open" | "private"): Promise<Sample> {
  return onStage(async (stage) => {
    const file = stage.sample("sample", MEBIBYTES)
    const torrentFile = stage.path("sample.torrent.json")
    const port = await freePort()
    const self = { service: "seeder", host: "127.0.0.1", port }
    const line = ["--plain", "--json", "--seed"]
    const seeder = stage.clientWith("seeder", { self, tracker: undefined }, line)
    seeder.type(`upload "${file}" "${torrentFile}"${kind === "open" ? " --open" : ""}`)
    await seeder.line(/SUCCESSFUL UPLOAD/)
    const relay = await relayTo(port, roundTripMs)
    const peers = `127.0.0.1:${relay.port}`
    const downloader = stage.clientWith("downloader", { tracker: undefined, peers }, line)
    await downloader.line(/"event":"ready"/)
    const cost = await clocked(stage, MEBIBYTES, [downloader, seeder], () => {
      downloader.type(`download "${torrentFile}" copy`)
      return downloader.line(DOWNLOADED)
    })
    requireSame(file, stage.path("downloader", "copy"))
    for (const program of [downloader, seeder]) await program.stop()
    await relay.program.kill()
    return { ...cost, remark: shareOfLink(cost.wallSeconds) }
  })
}

async function relayTo(port: number, roundTripMs: number) {
  const program = new MeteredProgram([
    process.execPath,
    ...[RELAY, String(port), String(roundTripMs), String(LINK_BYTES_PER_SECOND)],
  ])
  const [, relayPort] = /relay on (\d+)/.exec(await program.line(/relay on/)) ?? []
  return { program, port: Number(relayPort) }
}

const shareOfLink = (wallSeconds: number) => `${((LEAST_SECONDS / wallSeconds) * 100).toFixed(0)} % of the link`
