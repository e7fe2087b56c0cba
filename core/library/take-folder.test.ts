import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { takeFolder } from "./take-folder.js"

let folder: string

inTemporaryFolder((path) => {
  folder = path
})

it("names the key of the config whose folder can't be written [W9]", async () => {
  const file = join(folder, "file")
  await writeFile(file, "")
  const refused = (words: RegExp) => ({ code: "bad_service_folder", message: expect.stringMatching(words) })
  await expect(takeFolder({ serviceFolder: folder, stateFolder: join(file, "state") })).rejects.toMatchObject(
    refused(/^state: .*a part of the path is no folder/),
  )
  await writeFile(join(folder, ".p2p-tui"), "")
  await expect(takeFolder({ serviceFolder: folder })).rejects.toMatchObject(refused(/^self\.service: /))
})
