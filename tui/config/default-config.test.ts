import { mkdir, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import { inEmptyHome } from "../testing/empty-home.js"
import { findConfig, userConfigPath } from "./default-config.js"

let home: string

inEmptyHome((path) => {
  home = path
})

describe("a start that names no config", () => {
  it("has defaults: its own folder, which is made, any port, no tracker, the local network", async () => {
    const { config, path, isFirstStart } = await findConfig(undefined)
    expect({ path, isFirstStart }).toEqual({ path: undefined, isFirstStart: true })
    expect(config).toMatchObject({
      ...{ serviceFolder: join(home, "p2p-tui"), trackers: [], peers: [], lan: true },
      listen: { port: 7001, orAnyPort: true },
    })
    expect((await stat(config.serviceFolder)).isDirectory()).toBe(true)
    expect((await findConfig(undefined)).isFirstStart).toBe(false)
  })

  it("takes the user's own config, also from where XDG_CONFIG_HOME says", async () => {
    const folder = join(home, "elsewhere")
    vi.stubEnv("XDG_CONFIG_HOME", folder)
    await mkdir(join(folder, "p2p-tui"), { recursive: true })
    await writeFile(userConfigPath(), JSON.stringify({ self: { service: home, host: "127.0.0.1", port: 7055 } }))
    const { config, path } = await findConfig(undefined)
    expect(path).toBe(join(folder, "p2p-tui", "config.json"))
    expect(config.listen).toEqual({ host: "127.0.0.1", port: 7055 })
  })

  it("is refused by a config of the user's own that is wrong: the defaults do not hide it", async () => {
    await mkdir(join(home, ".config", "p2p-tui"), { recursive: true })
    await writeFile(userConfigPath(), "{")
    await expect(findConfig(undefined)).rejects.toMatchObject({ code: "bad_config" })
  })

  it.each(["relative", ""])("does not look into XDG_CONFIG_HOME=%j, which is none", (value) => {
    vi.stubEnv("XDG_CONFIG_HOME", value)
    expect(userConfigPath()).toBe(join(home, ".config", "p2p-tui", "config.json"))
  })

  it("says why its folder can't be made", async () => {
    await writeFile(join(home, "file"), "")
    vi.stubEnv("HOME", join(home, "file"))
    await expect(findConfig(undefined)).rejects.toMatchObject({ code: "bad_service_folder" })
  })
})
