import { describe, expect, it } from "vitest"
import {
  CommandError,
  ConfigError,
  P2pError,
  ProtocolError,
  StoreError,
  TorrentFileError,
  TrackerError,
} from "../../core/index.js"
import { EXIT_CODE_MEANINGS, ExitCode, exitCodeOf } from "./exit-codes.js"
import { TimeUpError } from "./time-up-error.js"

describe("exit codes", () => {
  it.each([
    [new ConfigError("bad_config", ""), 2],
    [new TorrentFileError("FileInfo.Size", ""), 3],
    [new TrackerError("away", ""), 4],
    [new StoreError("disk_full", ""), 5],
    [new CommandError("no_such_file", ""), 6],
    [new TimeUpError("wait_timeout", ""), 10],
    [new ProtocolError("x", ""), 8],
    [new P2pError("x", ""), 8],
    [new TypeError("bug"), 1],
    ["no error at all", 1],
  ])("%s leads to %d", (error, code) => {
    expect(exitCodeOf(error)).toBe(code)
  })

  it("are all documented, once", () => {
    expect(EXIT_CODE_MEANINGS.map(([code]) => code)).toEqual(Object.values(ExitCode))
  })
})
