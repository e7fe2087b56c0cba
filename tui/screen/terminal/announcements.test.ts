import { describe, expect, it } from "vitest"
import { DEFAULT_SCREEN, type ScreenConfig } from "../../base/screen-config.js"
import { Announcements } from "./announcements.js"

function sent(config: Partial<ScreenConfig>, environment: Record<string, string>) {
  const sequences: string[] = []
  const announcements = new Announcements({ ...DEFAULT_SCREEN, ...config }, environment, (each) => sequences.push(each))
  return {
    announcements,
    taken: () => sequences.splice(0).join("").replaceAll("\u001b", "^").replaceAll("\u0007", "!"),
  }
}

describe("what is said outside of the screen", () => {
  it("is the share in the title, sent when it changes", () => {
    const { announcements, taken } = sent({}, {})
    announcements.show({ donePercent: 63, hasFailed: false })
    expect(taken()).toBe("^]2;63 % p2p-tui!")
    announcements.show({ donePercent: 63, hasFailed: false })
    expect(taken()).toBe("")
    announcements.show({ donePercent: undefined, hasFailed: false })
    expect(taken()).toBe("^]2;p2p-tui!")
    expect([announcements.begin, announcements.end]).toEqual(["\u001b[22;2t", "\u001b]2;\u001b\\\u001b[23;2t"])
  })

  it("is the progress, where the terminal knows it, and ends with it", () => {
    const { announcements, taken } = sent({ title: false }, { WT_SESSION: "1" })
    announcements.show({ donePercent: 5, hasFailed: false })
    announcements.show({ donePercent: 5, hasFailed: true })
    expect(taken()).toBe("^]9;4;1;5^\\^]9;4;2;5^\\")
    expect(announcements.end).toBe("\u001b]9;4;0;0\u001b\\")
    const inTmux = sent({ title: false }, { WT_SESSION: "1", TMUX: "/tmp/x" })
    inTmux.announcements.show({ donePercent: 5, hasFailed: false })
    expect(inTmux.taken()).toBe("")
  })

  it.each([
    ["bell", {}, "!"],
    ["desktop", {}, "^]9;a, b^\\!"],
    ["desktop", { TERM: "foot" }, "^]777;notify;p2p-tui;a, b^\\!"],
    ["none", {}, ""],
  ] as const)("is a notification: %s in %j", (notify, environment, expected) => {
    const { announcements, taken } = sent({ notify }, environment)
    announcements.notify("a; b")
    expect(taken()).toBe(expected)
  })
})
