import type { Hasher } from "./hasher.js"

/** A hasher that does as `real` does, but for `changes`. */
export function wrappedHasher(real: Hasher, changes: Partial<Hasher> = {}): Hasher {
  return {
    threads: real.threads,
    verifyAndWrite: (write) => real.verifyAndWrite(write),
    hashParts: (range) => real.hashParts(range),
    folderStats: (files) => real.folderStats(files),
    readFiles: (files, target) => real.readFiles(files, target),
    syncFiles: (files) => real.syncFiles(files),
    draftFiles: (files) => real.draftFiles(files),
    placeFiles: (files) => real.placeFiles(files),
    close: () => real.close(),
    ...changes,
  }
}
