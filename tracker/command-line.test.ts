import { describe, expect, it } from "vitest"
import { parseCommandLine } from "./command-line.js"

describe("the tracker's command line", () => {
  it.each([
    [[], { action: "run", host: "localhost", port: 5000 }],
    [["0.0.0.0"], { action: "run", host: "0.0.0.0", port: 5000 }],
    [["[::1]", "0"], { action: "run", host: "::1", port: 0 }],
    [["127.0.0.1", "65535"], { action: "run", host: "127.0.0.1", port: 65_535 }],
    [["--help", "x", "y", "z"], { action: "help" }],
    [["-v"], { action: "version" }],
  ])("reads %j", (args, expected) => {
    expect(parseCommandLine(args)).toEqual(expected)
  })

  it.each([
    [["a", "b"], /"b"/],
    [["a", "65536"], /"65536"/],
    [["a", "-1"], /-1/],
    [["a", "1e3"], /"1e3"/],
    [["a", "1", "c"], /"c"/],
    [["--verbose"], /--verbose/],
  ])("refuses %j and names the fault", (args, named) => {
    expect(() => parseCommandLine(args)).toThrow(
      expect.objectContaining({ code: "bad_usage", message: expect.stringMatching(named) }),
    )
  })
})
