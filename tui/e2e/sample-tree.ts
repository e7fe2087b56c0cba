import { randomBytes } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const FOLDER_COUNT = 12
const FILES_PER_FOLDER = 50

/** 600 files of 1 to 40 KiB, which share parts of 256 KiB, a large one and an executable. */
export function makeSampleTree(root: string, largeBytes: number): void {
  for (let folder = 0; folder < FOLDER_COUNT; folder++) {
    mkdirSync(join(root, `d${folder}`), { recursive: true })
    for (let file = 0; file < FILES_PER_FOLDER; file++)
      writeFileSync(join(root, `d${folder}`, `f${file}`), randomBytes(1024 + ((file * 797) % 40_000)))
  }
  writeFileSync(join(root, "large.bin"), randomBytes(largeBytes))
  writeFileSync(join(root, "run.sh"), "#!/bin/sh\n", { mode: 0o755 })
}
