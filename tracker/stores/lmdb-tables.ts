import type { Database, RootDatabase } from "lmdb"

export interface LmdbTables {
  /** uuid, 16 bytes -> when it was last used (lmdb-documents.ts). */
  readonly documents: Database<Buffer, Buffer>
  /** Number, rising over all processes -> a batch (announce-log.ts). */
  readonly batches: Database<Buffer, number>
}

export function openTables(root: RootDatabase): LmdbTables {
  return {
    documents: root.openDB<Buffer, Buffer>("documents", { encoding: "binary", keyEncoding: "binary" }),
    batches: root.openDB<Buffer, number>("batches", { encoding: "binary", keyEncoding: "uint32" }),
  }
}
