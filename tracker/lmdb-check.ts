/**
 * Run as a program of its own, with the path of an LMDB file: reads all of it and ends with status 0. A damaged file
 * shows as another status or as a crash (LMDB maps the file, so a truncated one ends the reader with SIGBUS), which a
 * tracker that looked itself would not survive.
 */
import { open } from "lmdb"
import { openTables } from "./lmdb-tables.js"

const path = process.argv[2]
if (path === undefined) throw new Error("usage: lmdb-check <file>")
const root = open({ path, noSubdir: true, maxDbs: 4, readOnly: true })
const { documents, batches } = openTables(root)
for (const table of [documents, batches]) {
  for (const { key, value } of table.getRange({})) {
    if (key === undefined || !(value instanceof Uint8Array)) throw new Error("an entry can't be read")
  }
}
await root.close()
