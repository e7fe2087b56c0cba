import { readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { takeFolder } from "../../core/index.js"
import { freePort } from "../../core/testing/free-port.js"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { DEFAULT_SCREEN } from "../base/screen-config.js"
import { Journal } from "../commands/journal.js"
import type { Config } from "../config/config.js"
import { startClient } from "./start-client.js"

// The version stands beside the compiled programs.
vi.mock("../base/version.js", () => ({ versionText: () => "p2p-tui 0.0.0\n" }))

let serviceFolder: string

inTemporaryFolder((path) => {
  serviceFolder = path
})

async function config(): Promise<Config> {
  return {
    serviceFolder,
    stateFolder: join(serviceFolder, ".p2p-tui"),
    listen: { host: "127.0.0.1", port: 0 },
    announce: {},
    peers: [],
    lan: false,
    trackers: [{ protocol: "http", host: "127.0.0.1", port: await freePort(), path: "" }],
    limits: {},
    hooks: {},
    watch: true,
    metrics: undefined,
    logLevel: "info",
    ascii: false,
    screen: DEFAULT_SCREEN,
  }
}

describe("a client that starts", () => {
  it("on a folder that another one has touches no log and starts no tracker", async () => {
    const other = await takeFolder({ serviceFolder })
    const journal = new Journal()
    await expect(startClient(await config(), "info", journal)).rejects.toMatchObject({ code: "in_use" })
    expect(journal.entries()).toEqual([])
    expect(readdirSync(other.stateFolder)).toEqual(["lock"])
    await other.release()
  })

  it("gives the folder back when it fails, and when it is closed", async () => {
    const wrong = { ...(await config()), listen: { host: "203.0.113.7", port: 0 } }
    await expect(startClient(wrong, "info", new Journal())).rejects.toMatchObject({ name: "ConfigError" })
    const started = await startClient(await config(), "info", new Journal())
    await started.close()
    await started.close()
    await (await takeFolder({ serviceFolder })).release()
  })
})
