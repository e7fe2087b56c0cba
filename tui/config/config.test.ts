import { execFileSync, spawnSync } from "node:child_process"
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { BadConfigError } from "./bad-config-error.js"
import { loadConfig } from "./config.js"
import { trackerUrl } from "./tracker-address.js"

const isRoot = process.getuid?.() === 0
const canMount = spawnSync("unshare", ["--mount", "true"]).status === 0

const GOOD = {
  self: { service: "../data/test1", host: "0.0.0.0", port: 7001 },
  tracker: { host: "http://127.0.0.1", port: 5000 },
}

describe("loadConfig", () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "p2p-config-"))
    await mkdir(join(folder, "cfgs"))
    await mkdir(join(folder, "data"))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function write(value: unknown): Promise<string> {
    const path = join(folder, "cfgs", "cfg.json")
    await writeFile(path, JSON.stringify(value))
    return path
  }

  it("serves metrics on loopback only", async () => {
    const self = { ...GOOD.self, service: "../data" }
    const metricsOf = async (metrics: unknown) => (await loadConfig(await write({ ...GOOD, self, metrics }))).metrics
    expect(await metricsOf({ port: 9_100 })).toEqual({ host: "127.0.0.1", port: 9_100 })
    expect(await metricsOf({ port: 9_100, host: "::1" })).toEqual({ host: "::1", port: 9_100 })
    for (const host of ["0.0.0.0", "::", "10.0.0.1", "example.org", ""])
      await expect(metricsOf({ port: 9_100, host }), host).rejects.toThrow("metrics.host")
  })

  it("takes the programs of hooks by name, or by a path relative to the config file", async () => {
    const self = { ...GOOD.self, service: "../data" }
    const path = await write({ ...GOOD, self, hooks: { done: ["tell", "./as it is"], failed: ["../bin/tell", ""] } })
    expect((await loadConfig(path)).hooks).toEqual({
      done: ["tell", "./as it is"],
      failed: [join(folder, "bin/tell"), ""],
    })
  })

  it("takes service relative to the config file, and fills in the defaults", async () => {
    const config = await loadConfig(await write({ ...GOOD, self: { ...GOOD.self, service: "../data" } }))
    expect(config).toEqual({
      serviceFolder: join(folder, "data"),
      stateFolder: join(folder, "data", ".p2p-tui"),
      announce: {},
      peers: [],
      lan: true,
      listen: { host: "0.0.0.0", port: 7001 },
      trackers: [{ protocol: "http", host: "127.0.0.1", port: 5000, path: "" }],
      limits: {},
      hooks: {},
      watch: true,
      metrics: undefined,
      logLevel: "info",
      ascii: undefined,
      screen: { theme: undefined, notify: "bell", title: true, progress: undefined },
    })
  })

  it("needs no tracker, and takes hosts in one list or several", async () => {
    const self = { ...GOOD.self, service: "../data" }
    const config = await loadConfig(await write({ self, peers: ["node[1-2]:7001", "[fd00::1]:7002"] }))
    expect(config.trackers).toEqual([])
    const hosts = ["node1", "node2"].map((host) => ({ host, port: 7001 }))
    expect(config.peers).toEqual([...hosts, { host: "fd00::1", port: 7002 }])
    expect((await loadConfig(await write({ self, peers: "a:1" }))).peers).toEqual([{ host: "a", port: 1 }])
    expect((await loadConfig(await write({ self, peers: [] }))).peers).toEqual([])
  })

  it("knows where others reach the client, and a tracker below a path [P9]", async () => {
    const self = { ...GOOD.self, service: "../data" }
    const tracker = { host: "https://example.org/p2p/", port: 443 }
    const config = await loadConfig(await write({ self, tracker, announce: { host: "203.0.113.5", port: 17_001 } }))
    expect(config.announce).toEqual({ host: "203.0.113.5", port: 17_001 })
    expect(config.trackers.map(trackerUrl)).toEqual(["https://example.org:443/p2p"])
  })

  it.skipIf(isRoot && !canMount)(
    "shares from a folder that can't be written when state is elsewhere [P9]",
    async () => {
      const self = { ...GOOD.self, service: "../data" }
      await makeReadOnly(join(folder, "data"))
      try {
        await expect(loadConfig(await write({ ...GOOD, self }))).rejects.toThrow(/can't be written: .*by "state"/)
        const config = await loadConfig(await write({ ...GOOD, self, state: "../state" }))
        expect(config.stateFolder).toBe(join(folder, "state"))
      } finally {
        if (isRoot) execFileSync("umount", [join(folder, "data")])
      }
    },
  )

  it("keeps its state where the config says, relative to it [P9]", async () => {
    const self = { ...GOOD.self, service: "../data" }
    const config = await loadConfig(await write({ ...GOOD, self, state: "../state" }))
    expect(config.stateFolder).toBe(join(folder, "state"))
  })

  it("reads limits as bytes per second; none is no limit", async () => {
    const limits = { download: "10MB/s", upload: "none" }
    const config = await loadConfig(await write({ ...GOOD, self: { ...GOOD.self, service: "../data" }, limits }))
    expect(config.limits).toEqual({ downBytesPerSecond: 10_000_000 })
  })

  it("takes the token of a private tracker from the config, or from a file beside it", async () => {
    const self = { ...GOOD.self, service: "../data" }
    const { tracker } = GOOD
    await writeFile(join(folder, "cfgs", "token"), "open-sesame\n")
    const path = await write({
      self,
      tracker: [
        { ...tracker, token: "abc" },
        { ...tracker, tokenFile: "token" },
      ],
    })
    expect((await loadConfig(path)).trackers.map(({ token }) => token)).toEqual(["abc", "open-sesame"])
    await writeFile(join(folder, "cfgs", "token"), "two words")
    await expect(loadConfig(path)).rejects.toThrow(/tracker\.tokenFile: .*holds no token/)
    await rm(join(folder, "cfgs", "token"))
    await expect(loadConfig(path)).rejects.toThrow(/token: no such file/)
  })

  it("reads a config from a pipe, as a shell's <(…) gives it [V1]", async () => {
    const path = join(folder, "cfgs", "pipe")
    execFileSync("mkfifo", [path])
    const text = JSON.stringify({ ...GOOD, self: { ...GOOD.self, service: "../data" } })
    const [config] = await Promise.all([loadConfig(path), writeFile(path, text)])
    expect(config.serviceFolder).toBe(join(folder, "data"))
  })

  it("reads no more of a file without end than a config may have [V1]", async () => {
    await expect(loadConfig("/dev/zero")).rejects.toThrow(/has more than 1048576 bytes/)
    const path = await write({
      self: { ...GOOD.self, service: "../data" },
      tracker: { ...GOOD.tracker, tokenFile: "/dev/zero" },
    })
    await expect(loadConfig(path)).rejects.toThrow(/has more than 1048576 bytes/)
  })

  it("names a service folder that is not there", async () => {
    const path = await write(GOOD)
    await expect(loadConfig(path)).rejects.toThrow(/self\.service: the folder .*test1 does not exist/)
  })

  it("says in words why a config can't be read [W1, W2]", async () => {
    await symlink("b", join(folder, "a"))
    await symlink("a", join(folder, "b"))
    await expect(loadConfig(join(folder, "a"))).rejects.toThrow(/can't be read: its links lead in a circle.* \(ELOOP\)/)
    await expect(loadConfig(join(folder, "caf\uFFFD.json"))).rejects.toThrow(/no such file; .*not UTF-8/)
  })

  it("names a config that is not there", async () => {
    const path = join(folder, "none.json")
    const error = await loadConfig(path).catch((each: unknown) => each)
    expect(error).toBeInstanceOf(BadConfigError)
    expect((error as BadConfigError).faults).toEqual([`${path}: no such file`])
  })
})

describe("trackerUrl", () => {
  it.each([
    ["0.0.0.0", "http://127.0.0.1:5000"],
    ["::", "http://[::1]:5000"],
    ["localhost", "http://localhost:5000"],
    ["10.1.2.3", "http://10.1.2.3:5000"],
  ])("turns %s into %s", (host, url) => {
    expect(trackerUrl({ protocol: "http", host, port: 5000, path: "" })).toBe(url)
  })
})

/** To root nothing is read-only but a file system that is. */
async function makeReadOnly(path: string): Promise<void> {
  if (!isRoot) return chmod(path, 0o500)
  execFileSync("mount", ["-t", "tmpfs", "-o", "ro,size=4k", "tmpfs", path])
}
