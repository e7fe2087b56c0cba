import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

it("tests wait by untilSo and expect.poll: the 1 s of vi.waitUntil and vi.waitFor is too short beside other programs", () => {
  const users = ["core", "tracker", "tui", "bench", "manual"]
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
    )
    .filter((name) => /\.tsx?$/.test(name) && /\bvi\.wait[A-Z]\w+\(/.test(readFileSync(join(ROOT, name), "utf8")))
  expect(users).toEqual(["core/testing/until-so.ts"])
})
