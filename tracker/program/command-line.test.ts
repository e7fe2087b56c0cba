import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { parseCommandLine } from "./command-line.js"

describe("the tracker's command line", () => {
  const disk = { kind: "disk", folder: "/data/p2p-tracker" }
  const kept = { forgetSeconds: 90 * 86_400, maxDocuments: 1_000_000 }
  const usual = { proxies: [], intervalSeconds: 30, workers: 1, logRequests: 0, ...kept }
  it.each([
    [[], { host: "localhost", port: 5000, store: disk, ...usual }],
    [["0.0.0.0"], { host: "0.0.0.0", port: 5000, store: disk, ...usual }],
    [["[::1]", "0"], { host: "::1", port: 0, store: disk, ...usual }],
    [
      ["127.0.0.1", "65535", "--store", "memory", "--proxy", "10.0.0.0/8", "--proxy=::1"],
      { host: "127.0.0.1", port: 65_535, store: { kind: "memory" }, ...usual, proxies: ["10.0.0.0/8", "::1"] },
    ],
    [
      ["--store", "redis://10.0.0.1"],
      {
        host: "localhost",
        port: 5000,
        store: { kind: "redis", address: expect.objectContaining({ isCluster: false }) },
        ...usual,
      },
    ],
    [
      ["--forget-after", "7", "--max-documents", "5"],
      { host: "localhost", port: 5000, store: disk, ...usual, forgetSeconds: 7 * 86_400, maxDocuments: 5 },
    ],
    [["--data", "/x"], { host: "localhost", port: 5000, store: { kind: "disk", folder: "/x" }, ...usual }],
  ])("reads %j", (args, options) => {
    expect(parseCommandLine(args, { XDG_DATA_HOME: "/data" })).toEqual({ action: "run", options })
  })

  it("keeps its data in the user's data folder by default", () => {
    const folder = join(homedir(), ".local/share/p2p-tracker")
    for (const environment of [{}, { XDG_DATA_HOME: "" }, { XDG_DATA_HOME: "relative" }])
      expect(parseCommandLine([], environment)).toMatchObject({ options: { store: { kind: "disk", folder } } })
  })

  it("takes a token from a file or the environment, and refuses what is none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "p2p-tracker-"))
    const file = join(folder, "token")
    await writeFile(file, "open-sesame\n")
    const environment = { P2P_TRACKER_TOKEN: "other" }
    expect(parseCommandLine(["--token-file", file], environment)).toMatchObject({ options: { token: "open-sesame" } })
    expect(parseCommandLine([], environment)).toMatchObject({ options: { token: "other" } })
    expect(() => parseCommandLine([], { P2P_TRACKER_TOKEN: "two words" })).toThrow(/P2P_TRACKER_TOKEN/)
    await rm(folder, { recursive: true })
    expect(() => parseCommandLine(["--token-file", file])).toThrow(/can't be read: no such file or folder \(ENOENT\)/)
  })

  it.each([
    [["", "0"], "the host is empty; is a variable of the shell not set?"],
    [["--data", ""], "--data is empty; is a variable of the shell not set?"],
    [["--token-file="], "--token-file is empty; is a variable of the shell not set?"],
    [["http://127.0.0.1"], 'the host is an address of this machine without a port, got "http://127.0.0.1"'],
    [["127.0.0.1:80"], 'the host is an address of this machine without a port, got "127.0.0.1:80"'],
    [[" 127.0.0.1"], 'the host is an address of this machine without a port, got " 127.0.0.1"'],
  ])("refuses %j, and does not take it for something else [W9]", (args, message) => {
    const environment = { XDG_DATA_HOME: "/data" }
    expect(() => parseCommandLine(args, environment)).toThrow(message)
  })

  it.each(["::1", "[::1]", "::", "localhost", "fe80::1%eth0"])("takes %s for a host", (host) => {
    const options = { host: host.replace(/[[\]]/g, "") }
    expect(parseCommandLine([host], { XDG_DATA_HOME: "/data" })).toMatchObject({ options })
  })

  it.each(["/dev/zero", process.execPath])("refuses %s as a token file after a few bytes of it [V1]", (file) => {
    expect(() => parseCommandLine(["--token-file", file])).toThrow(/holds no token: it has more than 4096 bytes/)
  })

  it("reads what ends it at once before it looks at anything else", () => {
    expect(parseCommandLine(["--help", "x", "y", "z"])).toEqual({ action: "help" })
    expect(parseCommandLine(["-v"])).toEqual({ action: "version" })
  })

  it.each([
    [["a", "b"], /"b"/],
    [["a", "65536"], /"65536"/],
    [["a", "-1"], /-1/],
    [["a", "1e3"], /"1e3"/],
    [["a", "1", "c"], /"c"/],
    [["--verbose"], /--verbose/],
    [["--store", "floppy"], /"floppy"/],
    [["--store", "memory", "--data", "x"], /--data/],
    [["--interval", "9"], /"9"/],
    [["--workers", "0"], /"0"/],
    [["--workers", "2", "--store", "memory"], /--workers/],
    [["--log-requests", "2"], /"2"/],
    [["--store", "redis://"], /redis:\/\//],
  ])("refuses %j and names the fault", (args, named) => {
    expect(() => parseCommandLine(args)).toThrow(
      expect.objectContaining({ code: "bad_usage", message: expect.stringMatching(named) }),
    )
  })
})
