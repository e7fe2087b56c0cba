import { distributionBoundMs } from "../core/testing/distribution-bound.js"
import { freePort } from "../core/testing/free-port.js"
import { trackerCommand, watchedClientCommand } from "../tui/e2e/program.js"
import { canMakeNetworks, type TestHost, TestNetwork } from "../tui/e2e/test-network.js"
import { clocked } from "./clocked.js"
import { MeteredProgram } from "./metered-program.js"
import { onStage, requireSame, type Stage } from "./stage.js"
import { copiesSent, type Measurement, type Sample } from "./transfers.js"

const DOWNLOADERS = 30
const MEBIBYTES = 32
const SIZE_BYTES = MEBIBYTES * 1024 * 1024
/** So slow that 31 programs need less than half of two cores (our choice). */
const LINE = { upBytesPerSecond: 500_000, downBytesPerSecond: 2_000_000 }
const TRACKER = "http://10.77.0.1"
const BOUND_SECONDS =
  distributionBoundMs({
    sizeBytes: SIZE_BYTES,
    seedUp: LINE.upBytesPerSecond,
    ups: Array.from({ length: DOWNLOADERS }, () => LINE.upBytesPerSecond),
    slowestDown: LINE.downBytesPerSecond,
  }) / 1_000

/** Real clients, each in a network namespace with a slow line of its own (tc tbf). Needs root and iproute2. */
export const scale: Measurement = {
  name: `one seeder, ${DOWNLOADERS} downloaders on lines of 0.5 MB/s up and 2 MB/s down, ${MEBIBYTES} MiB (no less than ${BOUND_SECONDS.toFixed(1)} s)`,
  contenders: [{ name: "p2p-tui", isPresent: canMakeNetworks, run: () => onStage(inNetwork) }],
}

async function inNetwork(stage: Stage): Promise<Sample> {
  const network = new TestNetwork("scale")
  try {
    return await distributed(stage, network)
  } finally {
    network.close()
  }
}

async function distributed(stage: Stage, network: TestNetwork): Promise<Sample> {
  const [seederHost, ...hosts] = [network.addHost(), ...Array.from({ length: DOWNLOADERS }, () => network.addHost())]
  for (const host of [seederHost, ...hosts]) network.limit(host, LINE)
  const port = await freePort()
  const tracker = new MeteredProgram(
    seederHost.command(trackerCommand("--store", "memory", seederHost.address, String(port))),
  )
  const running: MeteredProgram[] = [tracker]
  try {
    await tracker.line(/listens on/)
    const client = (name: string, host: TestHost) => {
      const started = clientOn(stage, name, host, port)
      running.push(started)
      return started
    }
    const file = stage.sample("sample", MEBIBYTES)
    const seeder = client("seeder", seederHost)
    seeder.type(`upload --open "${file}" "${stage.path("sample.torrent.json")}"`)
    await seeder.line(/SUCCESSFUL UPLOAD/)
    const downloaders = hosts.map((host, index) => client(`downloader-${index}`, host))
    for (const downloader of downloaders) await downloader.line(/"event":"ready"/)
    const cost = await clocked(stage, MEBIBYTES * DOWNLOADERS, [seeder, ...downloaders], () =>
      Promise.all(
        downloaders.map((downloader) => {
          downloader.type(`download "${stage.path("sample.torrent.json")}" copy`)
          return downloader.line(/SUCCESSFUL DOWNLOAD/)
        }),
      ),
    )
    for (const index of hosts.keys()) requireSame(file, stage.path(`downloader-${index}`, "copy"))
    const copies = await copiesSent(seeder, MEBIBYTES)
    return { ...cost, remark: `${(cost.wallSeconds / BOUND_SECONDS).toFixed(2)} times the bound, ${copies} copies` }
  } finally {
    for (const program of running) await program.kill()
  }
}

function clientOn(stage: Stage, name: string, host: TestHost, trackerPort: number): MeteredProgram {
  const self = { service: name, host: host.address, port: 7_001 }
  const config = stage.writeConfig(name, trackerPort, {
    self,
    tracker: { host: TRACKER, port: trackerPort },
    lan: false,
  })
  return new MeteredProgram(host.command(watchedClientCommand([], config, "--plain", "--json", "--seed")))
}
