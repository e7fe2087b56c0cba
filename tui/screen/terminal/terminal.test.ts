import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { untilSo } from "../../../core/testing/until-so.js"
import { PtyScreen } from "../../testing/pty-screen.js"

/** End of a synchronized update: Ink's last word in every frame. */
const FRAME_END = "\u001b[?2026l"

const screens: PtyScreen[] = []
const folders: string[] = []

afterEach(async () => {
  for (const screen of screens.splice(0)) await screen.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "p2p-tui-terminal-"))
  folders.push(folder)
  return folder
}

/** The screen with two documents that stand still, drawn. */
async function open(columns = 100, rows = 24, env: Readonly<Record<string, string>> = {}): Promise<PtyScreen> {
  const screen = new PtyScreen("tested/still-screen.js", [], { columns, rows, env })
  screens.push(screen)
  await screen.until((text) => text.includes("alpha.iso") && text.includes("q quit"))
  return screen
}

describe("the screen in a terminal", () => {
  it("stands where it belongs: header on the first line, keys on the last but one", async () => {
    const screen = await open()
    screen.type("2")
    await screen.until((text) => !text.includes("beta"))
    screen.type("1")
    await screen.until((text) => text.includes("beta"))
    const lines = screen.lines()
    expect(lines[0]).toMatch(/^p2p-tui {2}↓ 0 B\/s/)
    expect(lines.filter((line) => line.startsWith("p2p-tui"))).toHaveLength(1)
    expect(lines.find((line) => line.startsWith("── alpha.iso"))).toHaveLength(100)
    expect(lines.at(-2)).toMatch(/^: command .*q quit/)
    expect(lines.at(-1)).toBe("")
  })

  it("waits for nothing but events while nothing changes, so it can write nothing", async () => {
    const file = join(await temporaryFolder(), "timers")
    const timersOf = async (screen: PtyScreen): Promise<string> => {
      screen.kill("SIGPIPE")
      return readFile(file, "utf8").catch(() => "none written yet")
    }
    const screen = await open(100, 24, { TIMERS_FILE: file })
    screen.type("2")
    await screen.until((text) => !text.includes("beta") && screen.raw.endsWith(FRAME_END))
    await expect.poll(() => timersOf(screen)).toMatch(/^[1-9]\d* made, 0 pending$/)
  })

  it.each([
    ["held arrows in one chunk", ":abc\u001b[D\u001b[D\u001b[DX", ":Xabc", 2],
    ["a paste in brackets", ":\u001b[200~upload a\rb\u001b[201~", ":upload a b", 11],
    ["a plain paste of many characters", `:${"0123456789".repeat(8)}`, `:${"0123456789".repeat(8)}`, 81],
    ["editing keys", ":one two\u0001X\u0005Y\u0017", ":Xone ", 6],
    ["Delete and Backspace", ":abc\u001b[D\u001b[D\u001b[3~\u007f", ":c", 1],
    ["wide characters", ":日本\u001b[Dx", ":日x本", 4],
  ])("loses no key: %s", async (_, keys, line, cursorX) => {
    const screen = await open()
    screen.type(keys)
    await screen.until(() => screen.lines().at(-3) === line.trimEnd() && screen.cursor.x === cursorX)
    expect(screen.cursor).toEqual({ x: cursorX, y: 21 })
  })

  it("submits when Enter comes in the same chunk as the text", async () => {
    const screen = await open()
    screen.type(":limit down 10MB/s\r")
    await screen.until((text) => text.includes("limits: down 10 MB/s, up unlimited"))
  })

  it("points at the wrong word", async () => {
    const screen = await open()
    screen.type(":uplod a b\r")
    await screen.until((text) => text.includes('▔▔▔▔▔ unknown command "uplod", did you mean "upload"?'))
  })

  it("keeps a line that was refused, and a mark under its word, whatever refused it [U9]", async () => {
    const screen = await open()
    screen.type(":pause nothere\r")
    await screen.until((text) => text.includes('▔▔▔▔▔▔▔ no document is called "nothere"'))
    screen.type("q")
    await screen.until(() => screen.lines().at(-3) === ":pause nothereq")
  })

  it("opens help at the command that is asked about [U9]", async () => {
    const screen = await open()
    screen.type(":help recheck\r")
    await screen.until(() => screen.lines()[2]?.startsWith("  recheck <document>") === true)
    screen.type("q")
    await screen.until((text) => text.includes("alpha.iso"))
  })

  it("hears clicks and the wheel until they are left to the terminal [U9]", async () => {
    const screen = await open()
    screen.type("\u001b[<0;5;5M\u001b[<0;5;5m")
    await screen.until((text) => /^> P/m.test(text))
    screen.type("\u001b[<64;5;5M")
    await screen.until((text) => /^> S/m.test(text))
    expect(screen.raw).toContain("\u001b[?1006h")
    screen.type("m")
    await screen.until(() => screen.raw.includes("\u001b[?1006l"))
  })

  it("finds with Ctrl-P what is typed of it [U9]", async () => {
    const screen = await open()
    screen.type("\u0010bet")
    await screen.until((text) => /^> beta/m.test(text))
    screen.type("\r")
    await screen.until((text) => /^> P/m.test(text))
  })

  it("draws itself anew at another size", async () => {
    const screen = await open()
    for (const [columns, rows] of [
      [60, 15],
      [39, 8],
      [120, 40],
    ] as const) {
      screen.resize(columns, rows)
      const header = columns < 40 ? "too small: 39x8" : "p2p-tui"
      await screen.until((text) => {
        const whole = columns < 40 || screen.lines().at(-2)?.endsWith("q quit") === true
        return whole && text.startsWith(header) && text.split("p2p-tui").length <= 2
      })
    }
  })

  it.each([
    ["NO_COLOR", { NO_COLOR: "1" }],
    ["FORCE_COLOR=0", { FORCE_COLOR: "0" }],
    ["NO_COLOR, on a terminal that chalk does not know", { NO_COLOR: "1", TERM: "foot" }],
  ])("has no colour with %s, but weight, inverse and a mark at the selection [U4]", async (_, env) => {
    const screen = await open(100, 24, env)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    expect(screen.raw).not.toMatch(/\u001b\[(3[0-7]|9[0-7]|38;)/)
    const selected = screen.lines().findIndex((line) => line.includes("alpha.iso"))
    expect(screen.lines()[selected]).toMatch(/^> S/)
    expect(screen.cells()[selected]?.[10]?.isInverse).toBe(true)
    expect(screen.cells()[0]?.[0]?.isBold).toBe(true)
  })

  it("is in ASCII without a UTF-8 locale, names too [U4]", async () => {
    const screen = await open(100, 24, { LANG: "C", BETA_NAME: "日本 été.iso" })
    screen.type(":é")
    await screen.until((text) => text.includes("\n:?"))
    expect(screen.text()).toMatch(/^[\x20-\x7e\n]*$/)
    expect(screen.text()).toContain("???? ?t?.iso")
  })

  // "j" goes to them from alpha.iso, for "beta" stands behind it in the order of names: an emoji alone would stand before it.
  it.each([
    ["a skin tone", "beta 👍🏽👍🏽👍🏽.iso"],
    ["a family", "beta 👩‍👩‍👧‍👦.iso"],
    ["a heart with a variation selector", "beta ❤️❤️❤️.iso"],
    ["Hindi", "beta नमस्ते दुनिया.iso"],
  ])("keeps every other cell where it is when the terminal sees another width: %s [U3]", async (_, name) => {
    const plain = await open(60, 15)
    const screen = await open(60, 15, { BETA_NAME: name })
    const isDrawn = (text: string): boolean => text.includes(".iso") && text.includes("q quit")
    for (const each of [plain, screen]) {
      each.type("j")
      await each.until((text) => isDrawn(text) && /^>.P/m.test(text))
    }
    const [row = ""] = screen.lines().filter((line) => /^>.P/.test(line))
    const [plainRow = ""] = plain.lines().filter((line) => /^>.P/.test(line))
    expect(row.slice(-12)).toBe(plainRow.slice(-12))
    expect(screen.lines().filter((line) => !line.includes(".iso"))).toEqual(
      plain.lines().filter((line) => !line.includes(".iso")),
    )
  })

  it("draws what another program has drawn over it anew with Ctrl-L, with its modes set [U9]", async () => {
    const screen = await open()
    const before = screen.raw.length
    screen.type("\f")
    await screen.until(() => screen.raw.includes("\u001b[?1047h", before) && screen.raw.endsWith(FRAME_END))
    for (const mode of ["\u001b[?1047h", "\u001b[?7l", "\u001b[?2004h"])
      expect(screen.raw.slice(before)).toContain(mode)
    expect(screen.raw.split("\u001b[?1049h")).toHaveLength(2)
    screen.type("q")
    await screen.exited
    expect(screen.raw.slice(before)).toContain("\u001b[?7h")
  })

  it("draws what is there when the terminal takes something again [U2]", async () => {
    const screen = await open()
    screen.stopReading()
    for (let count = 0; count < 100; count++) screen.type("\f")
    screen.type("2")
    screen.goOnReading()
    await screen.until((text) => !text.includes("beta") && text.includes("q quit"))
  })

  it("draws although DEV is set, which Ink takes for a wish for its devtools [P4]", async () => {
    await open(100, 24, { DEV: "true" })
  })

  it("draws although CI is set", async () => {
    await open(100, 24, { CI: "true" })
  })
})

describe("leaving the screen", () => {
  const LEFT = "\u001b[?1049l"

  it.each([
    ["q", (screen: PtyScreen) => screen.type("q"), 0],
    ["Ctrl-C", (screen: PtyScreen) => screen.type("\u0003"), 0],
    ["the quit command", (screen: PtyScreen) => screen.type(":quit\r"), 0],
    ["SIGTERM", (screen: PtyScreen) => screen.kill("SIGTERM"), 0],
    ["SIGINT", (screen: PtyScreen) => screen.kill("SIGINT"), 0],
    ["SIGHUP", (screen: PtyScreen) => screen.kill("SIGHUP"), 0],
  ])("by %s gives the terminal back once and leaves three lines", async (_, leave, code) => {
    const screen = await open()
    leave(screen)
    expect(await screen.exited).toBe(code)
    expect(screen.buffer).toBe("normal")
    expect(screen.raw.split(LEFT)).toHaveLength(2)
    expect(screen.lines().slice(0, 4)).toEqual([
      "fetched:    nothing",
      "served:     alpha.iso (2.00 KiB)",
      "unfinished: beta �[31m.iso (40.0 %)",
      "",
    ])
  })

  it("by SIGTERM waits for no terminal that takes nothing [U2]", async () => {
    const file = join(await temporaryFolder(), "limits")
    const screen = await open(100, 24, { LIMITS_FILE: file })
    screen.stopReading()
    // Each draws the whole screen anew: more than any terminal keeps for a reader.
    for (let count = 0; count < 100; count++) screen.type("\f")
    // All of them were drawn when the command that follows them is done.
    screen.type(":limit down 10MB/s\r")
    await untilSo(() => existsSync(file))
    screen.kill("SIGTERM")
    await screen.vanished()
    screen.goOnReading()
    expect(await screen.exited).toBe(143)
  })

  it("by a crash gives the terminal back before it says why", async () => {
    const screen = await open()
    screen.kill("SIGUSR2")
    expect(await screen.exited).toBe(1)
    expect(screen.buffer).toBe("normal")
    expect(screen.text()).toContain("crashed: a bug")
    expect(screen.raw.indexOf(LEFT)).toBeLessThan(screen.raw.indexOf("crashed"))
    expect(screen.raw.split(LEFT)).toHaveLength(2)
  })

  it("shows the cursor again and ends the marking of pastes", async () => {
    const screen = await open()
    screen.type("q")
    await screen.exited
    expect(screen.raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(screen.raw.lastIndexOf("\u001b[?25l"))
    expect(screen.raw.lastIndexOf("\u001b[?2004l")).toBeGreaterThan(screen.raw.lastIndexOf("\u001b[?2004h"))
  })

  it("for a while, by Ctrl-Z, comes back with everything drawn", async () => {
    const screen = await open()
    screen.type("\u001a")
    await screen.until(() => screen.buffer === "normal")
    screen.kill("SIGCONT")
    await screen.until((text) => screen.buffer === "alternate" && text.includes("q quit"))
    screen.type("q")
    expect(await screen.exited).toBe(0)
  })
})
