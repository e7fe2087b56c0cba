import { beforeEach, describe, expect, it } from "vitest"
import type { MachineSnapshot } from "../../core/index.js"
import { FakeClient, fakeDocument, fakeStatus } from "../testing/fake-client.js"
import type { Report } from "./report.js"
import { Session } from "./session.js"

const MIB = 1024 * 1024

let client: FakeClient
let reports: Report[]
let failures: string[]

beforeEach(() => {
  client = new FakeClient()
  client.showDocument(fakeDocument({ name: "a.iso", sizeBytes: 100 * MIB }))
  reports = []
  failures = []
})

async function run(line: string): Promise<Report | undefined> {
  const audience = {
    report: (report: Report) => void reports.push(report),
    failure: ({ code, message }: { readonly code: string; readonly message: string }) => {
      failures.push(`${code}: ${message}`)
    },
  }
  const paths = { folder: "/files", serviceFolder: "/files" }
  await new Session(client, audience, { signal: new AbortController().signal, onQuit: () => {}, paths }).run(line)
  return reports.at(-1)
}

const machine = (given: Partial<MachineSnapshot>): MachineSnapshot => ({
  ...{ address: "10.0.0.1:7001", state: "complete", leftBytes: 0, bytesPerSecond: 0, heardSecondsAgo: 3, ...given },
})

const SWARM = [
  machine({ address: "10.0.0.2:1", state: "downloading", leftBytes: 90 * MIB, bytesPerSecond: 10 * MIB }),
  machine({ address: "10.0.0.3:1", state: "downloading", leftBytes: 50 * MIB, bytesPerSecond: MIB }),
  machine({ address: "10.0.0.4:1", state: "silent", leftBytes: 20 * MIB, heardSecondsAgo: 4_000 }),
  machine({ address: "10.0.0.5:1", state: "silent", leftBytes: undefined, heardSecondsAgo: 70 }),
  machine({ address: "10.0.0.6:1" }),
]

describe("status", () => {
  it("has a line for each machine, and a last one with the sums, the slowest and its time left", async () => {
    client.onStatus = async () => fakeStatus(SWARM)
    expect((await run("status a.iso"))?.lines).toEqual([
      "10.0.0.2:1 downloading, 10.0 % of 100 MiB, 10.0 MiB/s, ETA 9s, heard 3s ago",
      "10.0.0.3:1 downloading, 50.0 % of 100 MiB, 1.00 MiB/s, ETA 50s, heard 3s ago",
      "10.0.0.4:1 silent, 80.0 % of 100 MiB, heard 1h06m ago",
      "10.0.0.5:1 silent, ? % of 100 MiB, heard 1m10s ago",
      "10.0.0.6:1 complete, heard 3s ago",
      "a.iso: 1 of 5 complete, 2 downloading, 2 silent; slowest 10.0.0.3:1, ETA 50s",
    ])
    expect(reports[0]?.fields).toMatchObject({ complete: 1, total: 5, slowest: "10.0.0.3:1", eta_seconds: 50 })
  })

  it("calls a machine that stands still the slowest, and then knows no time", async () => {
    client.onStatus = async () =>
      fakeStatus([machine({ address: "10.0.0.9:1", state: "downloading", leftBytes: 1 }), ...SWARM])
    const report = await run("status a.iso")
    expect(report?.lines.at(-1)).toMatch(/; slowest 10\.0\.0\.9:1, ETA -$/)
    expect(report?.fields).toMatchObject({ slowest: "10.0.0.9:1", eta_seconds: null })
  })

  it("says what it leaves out, and which tracker did not answer", async () => {
    const problem = { code: "timeout", message: "it is silent" }
    client.onStatus = async (_id, limit) => ({
      ...fakeStatus(SWARM.slice(0, limit)),
      ...{ total: 2_000, trackers: [{ url: "http://b", problem }] },
    })
    expect((await run("status --limit=1 a.iso"))?.lines.slice(1, 3)).toEqual([
      "and 1,999 more",
      "http://b did not answer: it is silent",
    ])
    expect(reports[0]?.fields["trackers"]).toEqual([{ url: "http://b", problem }])
  })

  it.each([
    ["status", /^missing_argument: which document\?/],
    ["status nope", /^unknown_document/],
    ["status a.iso --limit 10001", /^bad_argument: --limit is "10001"; allowed: a whole number from 0 to 10,000/],
    ["status a.iso --limit", /^missing_argument: --limit needs a value/],
    ["wait a.iso", /^missing_argument: --peers is missing: wait <document> --peers <n> \[--timeout <time>\]/],
    ["wait a.iso --peers 0", /^bad_argument: --peers is "0"/],
    ["wait a.iso --peers --timeout 3s", /^missing_argument: --peers needs a value/],
    ["wait a.iso --peers 3 --timeout soon", /^bad_argument: --timeout is "soon"; allowed: "90s"/],
  ])("%s is refused", async (line, expected) => {
    await run(line)
    expect(failures.join()).toMatch(expected)
    expect(reports).toEqual([])
  })
})

describe("wait", () => {
  it("reports the count, and its end", async () => {
    client.onStatus = async () => fakeStatus([machine({}), machine({ address: "10.0.0.2:1" })])
    expect(await run("wait a.iso --peers 1 --timeout 10s")).toMatchObject({
      event: "waited",
      lines: ["1 of 1 peer has all of a.iso"],
      fields: { peers: 1, wanted: 1 },
    })
    expect(reports).toHaveLength(1)
  })
})
