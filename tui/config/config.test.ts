import { execFileSync, spawnSync } from "node:child_process"
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { BadConfigError, loadConfig } from "./config.js"
import { parseConfig } from "./config-schema.js"
import { trackerUrl } from "./tracker-address.js"

const isRoot = process.getuid?.() === 0
const canMount = spawnSync("unshare", ["--mount", "true"]).status === 0

const GOOD = {
  self: { service: "../data/test1", host: "0.0.0.0", port: 7001 },
  tracker: { host: "http://127.0.0.1", port: 5000 },
}

function faultsOf(value: unknown): readonly string[] {
  return parseConfig(typeof value === "string" ? value : JSON.stringify(value)).faults ?? []
}

describe("the config's schema", () => {
  it("takes the original's own example", () => {
    const original = {
      self: { service: "../data/test1", host: "0.0.0.0", port: 1000 },
      tracker: { host: "http://0.0.0.0", port: 5000 },
    }
    expect(faultsOf(original)).toEqual([])
  })

  it.each([
    "http://127.0.0.1",
    "127.0.0.1",
    "localhost",
    "https://tracker.example",
    "::1",
    "[::1]",
    "http://[::]",
    "http://a/",
    "https://example.org/p2p/",
  ])("takes the tracker host %s", (host) => {
    expect(faultsOf({ ...GOOD, tracker: { host, port: 5000 } })).toEqual([])
  })

  it.each([
    [{ ...GOOD, trackr: 1 }, 'unknown key "trackr", did you mean "tracker"?'],
    [{ ...GOOD, self: { ...GOOD.self, prot: 1 } }, 'unknown key "self.prot", did you mean "port"?'],
    [{ ...GOOD, zzzzzz: 1 }, 'unknown key "zzzzzz"; known: self, tracker, announce, state, limits, log, screen'],
    [
      { ...GOOD, self: { ...GOOD.self, port: 65_536 } },
      "self.port is 65536; allowed: a whole number from 0 (any free port) to 65535",
    ],
    [
      { ...GOOD, self: { ...GOOD.self, port: "7001" } },
      'self.port is "7001"; allowed: a whole number from 0 (any free port) to 65535',
    ],
    [
      { ...GOOD, self: { ...GOOD.self, host: "http://x" } },
      'self.host: is an address to listen on, such as "0.0.0.0", not a URL',
    ],
    [
      { ...GOOD, tracker: { host: "ftp://x", port: 1 } },
      'tracker.host: "ftp://" is not spoken; allowed: http:// and https://',
    ],
    [
      { ...GOOD, tracker: { host: "http://x:80", port: 1 } },
      'tracker.host: "http://x:80" has a port in it; write it in "port" instead',
    ],
    [
      { ...GOOD, tracker: { host: "http://x:80/p2p", port: 1 } },
      'tracker.host: "http://x:80/p2p" has a port in it; write it in "port" instead',
    ],
    [
      { ...GOOD, tracker: { host: "http://x/p2p?y=1", port: 1 } },
      'tracker.host: "http://x/p2p?y=1" has more in it than a host and a path',
    ],
    [
      { ...GOOD, announce: { host: "my.example" } },
      'announce.host is "my.example"; allowed: an IP address that others can reach, such as "203.0.113.5"',
    ],
    [
      { ...GOOD, announce: { host: "0.0.0.0" } },
      'announce.host is "0.0.0.0"; allowed: an IP address that others can reach, such as "203.0.113.5"',
    ],
    [{ ...GOOD, announce: { port: 0 } }, "announce.port is 0; allowed: a whole number from 1 to 65535"],
    [{ ...GOOD, announce: { prot: 1 } }, 'unknown key "announce.prot", did you mean "port"?'],
    [{ ...GOOD, tracker: { host: "x" } }, "tracker.port is missing; allowed: a whole number from 1 to 65535"],
    [{ ...GOOD, tracker: [] }, 'tracker is []; allowed: an object with "host" and "port", or a list of such'],
    [{ ...GOOD, tracker: [{ host: "x", port: 0 }] }, "tracker.0.port is 0; allowed: a whole number from 1 to 65535"],
    [{ self: GOOD.self }, 'tracker is missing; allowed: an object with "host" and "port", or a list of such'],
    [{ ...GOOD, log: { level: "loud" } }, 'log.level is "loud"; allowed: "debug", "info", "warn" or "error"'],
    [[], 'the file is []; allowed: an object with "self" and "tracker"'],
    ["", "is no JSON: it ends too early"],
  ])("prints one line about %j", (value, fault) => {
    expect(faultsOf(value)).toEqual([fault])
  })

  it("refuses a limit that is no rate, and says what is one", () => {
    expect(faultsOf({ ...GOOD, limits: { download: "fast" } })).toEqual([
      'limits.download is "fast"; allowed: "10MB/s", "512KiB/s", a number of bytes per second, or "none"',
    ])
  })

  it("does not call a number null that is too large to be read [W2]", () => {
    const text = JSON.stringify({ ...GOOD, limits: { upload: 7 } })
    expect(faultsOf(text.replace(/"port":\d+/, '"port":1e999').replace('"upload":7', '"upload":-1e999'))).toEqual([
      "self.port is a number too large to be read; allowed: a whole number from 0 (any free port) to 65535",
      expect.stringMatching(/^limits\.upload is a number too large to be read; allowed: /),
    ])
  })

  it("takes no NUL in a path or a name, before which the system would stop reading [W9]", () => {
    const self = { ...GOOD.self, host: "127.0.0.1\0", service: "data\0" }
    expect(faultsOf({ ...GOOD, self, state: "\0" })).toEqual([
      'self.service is "data\\u0000"; allowed: a folder, relative to the config file',
      'self.host is "127.0.0.1\\u0000"; allowed: an address to listen on, such as "0.0.0.0"',
      expect.stringMatching(/^state is /),
    ])
  })

  it("says in which line the JSON is wrong", () => {
    expect(faultsOf('{\n  "self": x\n}')).toEqual(['is no JSON: unexpected "x" in line 2, column 11'])
    expect(faultsOf('{"self": {},}')).toEqual(['is no JSON: unexpected "}" in line 1, column 13'])
    expect(faultsOf('{"self": tru}')).toEqual(['is no JSON: unexpected "}" in line 1, column 13'])
  })

  it("refuses a key that stands twice, and not one of another object [T5]", () => {
    const twice =
      '{"self": {"service": "a", "host": "h", "port": 1, "p\\u006frt": 2}, "tracker": {"host": "h", "port": 1}}'
    expect(faultsOf(twice)).toEqual(['is no JSON: the key "port" in line 1, column 51 stands there twice'])
    const list = [
      { host: "port", port: 1 },
      { host: "b", port: 2 },
    ]
    expect(faultsOf({ ...GOOD, tracker: list })).toEqual([])
  })

  it("says of a comment and of UTF-16 what they are [T5]", () => {
    expect(faultsOf('{ // mine\n "self": {} }')).toEqual([
      'is no JSON: unexpected "/" in line 1, column 3; JSON has no comments',
    ])
    expect(faultsOf(Buffer.from("\uFEFF{}", "utf16le").toString("utf8"))).toEqual(["is UTF-16; save it as UTF-8"])
  })

  it("takes the brackets of an IPv6 address to listen on, as a tracker's [T5]", () => {
    const { config } = parseConfig(JSON.stringify({ ...GOOD, self: { ...GOOD.self, host: "[::1]" } }))
    expect(config?.self.host).toBe("::1")
  })

  it("prints every fault, not only the first", () => {
    expect(faultsOf({ self: { service: 1, host: 2, port: 3 }, trackr: {} })).toHaveLength(4)
  })

  it("takes a file that begins with a byte order mark", () => {
    expect(faultsOf(`\uFEFF${JSON.stringify(GOOD)}`)).toEqual([])
  })
})

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

  it("takes service relative to the config file, and fills in the defaults", async () => {
    const config = await loadConfig(await write({ ...GOOD, self: { ...GOOD.self, service: "../data" } }))
    expect(config).toEqual({
      serviceFolder: join(folder, "data"),
      stateFolder: join(folder, "data", ".p2p-tui"),
      announce: {},
      listen: { host: "0.0.0.0", port: 7001 },
      trackers: [{ protocol: "http", host: "127.0.0.1", port: 5000, path: "" }],
      limits: {},
      logLevel: "info",
      ascii: undefined,
    })
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
