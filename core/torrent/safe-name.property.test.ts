import { posix, win32 } from "node:path"
import fc from "fast-check"
import { expect, it } from "vitest"
import { corpusTexts } from "../testing/corpus.js"
import { safeFileName } from "./safe-name.js"

/** Names made of what is dangerous in names, more than chance would have it. */
const hostileName = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "..",
        ".",
        "/",
        "\\",
        ":",
        "~",
        "\0",
        "\u202e",
        "\ud800",
        " ",
        "CON",
        "CONIN$",
        "con .",
        "\u200c",
        "ख",
        "nul",
        "COM1",
        ".txt",
        "*",
        "%",
        "\n",
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.constant("x".repeat(250)),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(""))

it("any name becomes one that stays in its folder, on any system [hostile 6]", () => {
  fc.assert(
    fc.property(hostileName, (name) => {
      const safe = safeFileName(name)
      expect(posix.dirname(posix.resolve("/root/folder", safe))).toBe("/root/folder")
      expect(win32.dirname(win32.resolve("C:\\root\\folder", safe))).toBe("C:\\root\\folder")
      expect(win32.basename(win32.resolve("C:\\root", safe))).toBe(safe)
      expect(safe.replace(/(?<=.)[\u200c\u200d](?=.)/gu, "")).not.toMatch(
        /^\.|[. ]$|^$|[\p{C}\p{Zl}\p{Zp}<>:"|?*]|^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$) *(\.|$)/iu,
      )
      expect(Buffer.byteLength(`${safe}.part.lock.takeover`)).toBeLessThanOrEqual(255)
      expect(safeFileName(safe)).toBe(safe)
    }),
    { examples: corpusTexts("names").map((name) => [name]), numRuns: 1_000 },
  )
})
