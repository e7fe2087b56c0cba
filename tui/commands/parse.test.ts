import { describe, expect, it } from "vitest"
import { FAKE_LINK } from "../testing/fake-client.js"
import type { CommandLineError } from "./command-line-error.js"
import { parseCommand } from "./parse.js"
import { COMMANDS } from "./table.js"
import { splitWords } from "./words.js"

function refusal(line: string): CommandLineError {
  try {
    parseCommand(splitWords(line), COMMANDS)
  } catch (error) {
    return error as CommandLineError
  }
  return expect.unreachable()
}

describe("parseCommand", () => {
  it("binds arguments by name, with options anywhere", () => {
    const { command, given } = parseCommand(splitWords("upload --open a.iso 'a b.json'"), COMMANDS)
    expect(command.name).toBe("upload")
    expect(given.required("path_to_file")).toBe("a.iso")
    expect(given.required("path_to_torrent")).toBe("a b.json")
    expect(given.has("--open")).toBe(true)
  })

  it.each(["list --help", "upload -h", "download a b c --help", "limit --nope --help"])(
    "takes %s for a question [T3]",
    (line) => {
      const { command, given } = parseCommand(splitWords(line), COMMANDS)
      expect(command.name).toBe("help")
      expect(given.required("command")).toBe(line.split(" ")[0])
    },
  )

  it.each(["--only 'train/**' a.json --only=*.csv", "a.json --only train/** --only *.csv"])(
    "gives a flag its values: %s",
    (line) => {
      const { given } = parseCommand(splitWords(`download ${line}`), COMMANDS)
      expect([given.required("torrent_or_link"), given.values("--only")]).toEqual(["a.json", ["train/**", "*.csv"]])
    },
  )

  it("takes the value of a flag as it is, also with a dash", () => {
    const { given } = parseCommand(splitWords("select a --only=--odd --only="), COMMANDS)
    expect([given.required("document"), given.values("--only"), given.has("--all")]).toEqual([
      "a",
      ["--odd", ""],
      false,
    ])
  })

  it("takes --help behind -- as it is [T3]", () => {
    const { command, given } = parseCommand(splitWords("download -- --help"), COMMANDS)
    expect(command.name).toBe("download")
    expect(given.required("torrent_or_link")).toBe("--help")
  })

  it("takes what follows -- as it is", () => {
    const { given } = parseCommand(splitWords("download -- --odd.json"), COMMANDS)
    expect(given.required("torrent_or_link")).toBe("--odd.json")
    expect(given.optional("path_to_file")).toBeUndefined()
  })

  it.each([
    [
      "select a --only",
      "missing_argument",
      expect.stringContaining("--only needs a value: select <document> [--only <glob>]…"),
      { start: 9, end: 15 },
    ],
    ["upload a b --open=yes", "unknown_option", 'upload has no option "--open=yes"', { start: 11, end: 21 }],
    ["downlod a", "unknown_command", 'unknown command "downlod", did you mean "download"?', { start: 0, end: 7 }],
    ["frobnicate", "unknown_command", 'unknown command "frobnicate"; "help" lists them', { start: 0, end: 10 }],
    [
      "export a",
      "missing_argument",
      "path_to_metainfo is missing: export <path_to_torrent> <path_to_metainfo>",
      { start: 9, end: 10 },
    ],
    ["list a", "extra_argument", '"a" is one word too many: list', { start: 5, end: 6 }],
    [
      "upload --opne a b",
      "unknown_option",
      'upload has no option "--opne", did you mean "--open"?',
      { start: 7, end: 13 },
    ],
  ])("refuses %s and points at it", (line, code, message, span) => {
    const error = refusal(line)
    expect({ code: error.code, message: error.message, span: error.span }).toEqual({ code, message, span })
  })

  it("takes a link that stands alone for its download", () => {
    for (const link of [FAKE_LINK, `<${FAKE_LINK}>`, "magnet:?xt=urn:btih:00"]) {
      const { command, given } = parseCommand(splitWords(`${link} 'a b.iso'`), COMMANDS)
      expect(command.name).toBe("download")
      expect([given.required("torrent_or_link"), given.optional("path_to_file")]).toEqual([link, "a b.iso"])
    }
  })

  it("has no command twice, and a summary for each", () => {
    expect(new Set(COMMANDS.map((command) => command.name)).size).toBe(COMMANDS.length)
    for (const command of COMMANDS) expect(command.summary).not.toBe("")
  })
})
