/**
 * Run as a program of its own, with the path of an LMDB file: reads all of it and ends with a status of lmdb-verdict.ts. A
 * damaged file may show as a crash (LMDB maps the file, so a truncated one ends the reader with SIGBUS), which a tracker
 * that looked itself would not survive. With "--self-test <folder>" it makes a file there and reads that.
 */
import { closeSync, openSync, readSync } from "node:fs"
import { join } from "node:path"
import { open } from "lmdb"
import { type LmdbTables, openTables } from "./lmdb-tables.js"
import { CHECK_CANT_TELL, CHECK_DAMAGED, CHECK_SOUND, isDamage } from "./lmdb-verdict.js"

class UnreadableEntry extends Error {}

const [path = "", folder] = process.argv.slice(2)
// Until there is a verdict.
process.exitCode = CHECK_CANT_TELL
void verdict().then((code) => {
  process.exitCode = code
})

async function verdict(): Promise<number> {
  try {
    await check(path === "--self-test" ? await makeFile(folder ?? "") : path)
    return CHECK_SOUND
  } catch (error) {
    return error instanceof UnreadableEntry || isDamage(error) ? CHECK_DAMAGED : CHECK_CANT_TELL
  }
}

async function check(file: string): Promise<void> {
  readThrough(file)
  const root = open({ path: file, noSubdir: true, maxDbs: 4, readOnly: true })
  // Read-only, lmdb opens no table that a process did not come to make before it was killed.
  const { documents, batches }: Partial<LmdbTables> = openTables(root)
  for (const table of [documents, batches]) {
    for (const { key, value } of table?.getRange({}) ?? []) {
      if (key === undefined || !(value instanceof Uint8Array)) throw new UnreadableEntry("an entry can't be read")
    }
  }
  await root.close()
}

/** Distinguishes a failing disk from a damaged file: a read error throws here, but ends the reader of a map with SIGBUS. */
function readThrough(file: string): void {
  const buffer = Buffer.allocUnsafe(1024 * 1024)
  const fd = openSync(file, "r")
  while (readSync(fd, buffer) > 0);
  closeSync(fd)
}

async function makeFile(where: string): Promise<string> {
  const file = join(where, "self-test.lmdb")
  const root = open({ path: file, noSubdir: true, maxDbs: 4 })
  openTables(root).documents.putSync(Buffer.alloc(16), Buffer.from([1]))
  await root.close()
  return file
}
