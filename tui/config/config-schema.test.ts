import { describe, expect, it } from "vitest"
import { parseConfig } from "./config-schema.js"

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
    [
      { ...GOOD, zzzzzz: 1 },
      'unknown key "zzzzzz"; known: self, tracker, peers, lan, announce, state, limits, watch, metrics, hooks, log, screen',
    ],
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
    [{ ...GOOD, tracker: null }, 'tracker is null; allowed: an object with "host" and "port", or a list of such'],
    [{ ...GOOD, lan: "off" }, 'lan is "off"; allowed: true or false'],
    [{ ...GOOD, peers: "a" }, 'peers: "a" has no port; expected "host:port", an IPv6 address in brackets'],
    [
      { ...GOOD, peers: [1] },
      'peers is [1]; allowed: hosts with ports, such as "node[001-128].lab:7001,10.0.0.5:7001", or a list of such',
    ],
    [{ ...GOOD, peers: ["a:1", "n[1-9999]:1"] }, "peers: more than 1024 hosts; that is the most a client takes"],
    [{ ...GOOD, log: { level: "loud" } }, 'log.level is "loud"; allowed: "debug", "info", "warn" or "error"'],
    [[], 'the file is []; allowed: an object with "self", and "tracker" or another way to peers'],
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
    expect(faultsOf({ self: { service: 1, host: 2, port: "3" }, peers: "a", trackr: {} })).toHaveLength(5)
  })

  it("takes a file that begins with a byte order mark", () => {
    expect(faultsOf(`\uFEFF${JSON.stringify(GOOD)}`)).toEqual([])
  })
})
