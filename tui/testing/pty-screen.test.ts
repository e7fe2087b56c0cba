import { expect, it } from "vitest"
import { PtyScreen } from "./pty-screen.js"

it("a wait for something that a program never shows fails with its end, and says what was in sight", async () => {
  const screen = new PtyScreen("tested/still-screen.js", [], { columns: 100, rows: 24 })
  await screen.until((text) => text.includes("q quit"))
  screen.type("q")
  await expect(screen.until((text) => text.includes("never shown"))).rejects.toThrow(
    /^the program ended with 0; in sight:\nfetched:/,
  )
  await screen.close()
})
