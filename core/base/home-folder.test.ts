import { homedir, userInfo } from "node:os"
import { afterEach, describe, expect, it, vi } from "vitest"
import { homeFolder } from "./home-folder.js"

afterEach(() => vi.unstubAllEnvs())

describe("the home folder", () => {
  it("is what HOME says", () => {
    expect(homeFolder("~")).toBe(homedir())
  })

  it.each([undefined, "", "relative"])("is the one of the system's list where HOME is %j [P5]", (home) => {
    vi.stubEnv("HOME", home)
    expect(homeFolder("~")).toBe(userInfo().homedir)
  })
})
