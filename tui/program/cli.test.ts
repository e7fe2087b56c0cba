import { describe, expect, it } from "vitest"
import { parseCli } from "./cli.js"
import { usageText } from "./usage.js"

const plainRun = { kind: "run", configPath: "c.json", words: [], plain: false, json: false, seed: false, ascii: false }

describe("parseCli", () => {
  it.each([
    [["c.json"], plainRun],
    [["--json", "c.json", "--seed"], { ...plainRun, json: true, seed: true }],
    [["c.json", "download", "a", "b"], { ...plainRun, words: ["download", "a", "b"] }],
    [["c.json", "upload", "a", "b", "--open"], { ...plainRun, words: ["upload", "a", "b", "--open"] }],
    [
      ["c.json", "download", "a", "--json", "--seed"],
      { ...plainRun, words: ["download", "a"], json: true, seed: true },
    ],
    [["c.json", "download", "--", "--json"], { ...plainRun, words: ["download", "--", "--json"] }],
    [["--log-level", "debug", "c.json", "list"], { ...plainRun, words: ["list"], logLevel: "debug" }],
    [
      ["--peers", "a[1-2]:1", "c.json", "list", "--peers=b:2"],
      { ...plainRun, words: ["list", "--peers=b:2"], peers: [{ host: "a1" }, { host: "a2" }] },
    ],
    [["--peers=a:1", "--peers", "b:2", "c.json"], { ...plainRun, peers: [{ port: 1 }, { port: 2 }] }],
    [["c.json"], { ...plainRun, address: {} }],
    [
      ["--address", "203.0.113.5", "c.json", "list"],
      { ...plainRun, words: ["list"], address: { host: "203.0.113.5" } },
    ],
    [["--address=[FD00::5]:17001", "c.json"], { ...plainRun, address: { host: "fd00::5", port: 17_001 } }],
    [["--address", "fd00::5", "c.json"], { ...plainRun, address: { host: "fd00::5" } }],
    [["--address", ":17001", "c.json"], { ...plainRun, address: { port: 17_001 } }],
    [[], { ...plainRun, configPath: undefined }],
    [["upload", "./x"], { ...plainRun, configPath: undefined, words: ["upload", "./x"] }],
    [
      ["--plain", "download", "a.json", "--seed"],
      { ...plainRun, configPath: undefined, plain: true, seed: true, words: ["download", "a.json"] },
    ],
    [["list.json", "list"], { ...plainRun, configPath: "list.json", words: ["list"] }],
    [["./list", "list"], { ...plainRun, configPath: "./list", words: ["list"] }],
    [["init"], { kind: "init", path: undefined }],
    [["init", "a.json"], { kind: "init", path: "a.json" }],
    [["completion", "zsh"], { kind: "completion", shell: "zsh" }],
    [["c.json", "completion", "documents"], { kind: "documents", configPath: "c.json" }],
    [["completion", "documents"], { kind: "documents", configPath: undefined }],
    [["--help"], { kind: "help" }],
    [["-V"], { kind: "version" }],
  ])("reads %j", (argv, invocation) => {
    expect(parseCli(argv)).toMatchObject(invocation)
  })

  it.each([
    [["downlod", "x"], '"downlod" is neither a command nor a config (*.json), did you mean "download"?'],
    [
      ["magnet:?xt=urn:btih:0"],
      "this is neither a command nor a config (*.json); to download it: p2p-tui download <link or torrent>",
    ],
    [["completion"], "completion takes the name of a shell: bash, zsh, fish"],
    [["completion", "bash", "zsh"], "completion takes the name of a shell: bash, zsh, fish"],
    [["init", "a.json", "b.json"], "init takes the path of the config to write, and nothing else"],
    [["c.json", "--log-level="], "--log-level is empty; allowed: debug, info, warn, error"],
    [["c.json", "--peers", "a"], '--peers: "a" has no port; expected "host:port", an IPv6 address in brackets'],
    ...["", "0.0.0.0", "my.example", "10.0.0.1:0", "10.0.0.1:99999", ":", "224.0.0.1"].map(
      (address) =>
        [
          ["c.json", `--address=${address}`],
          `--address is ${address || "empty"}; allowed: an IP address, with or without a port, such as 203.0.113.5:7001`,
        ] as [string[], string],
    ),
    [["c.json", "--peers"], '--peers: "" has an empty entry'],
    [["", "list"], "the path of the config file is empty; is a variable of the shell not set?"],
    [["--jsn", "c.json"], 'unknown option "--jsn", did you mean "--json"?'],
    [["--json=1", "c.json"], '--json takes no value, got "1"'],
    [["--log-level", "loud", "c.json"], "--log-level is loud; allowed: debug, info, warn, error"],
  ])("refuses %j", (argv, message) => {
    expect(() => parseCli(argv)).toThrow(message)
  })
})

describe("--help", () => {
  it("names every option, command and exit code", () => {
    const text = usageText()
    for (const word of [
      "--json",
      "--seed",
      "p2p-tui init [config.json]",
      "upload <path_to_file> [path_to_torrent]",
      "130  SIGINT",
    ]) {
      expect(text).toContain(word)
    }
  })
})
