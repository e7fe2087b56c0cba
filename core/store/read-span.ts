import { StoreError } from "../base/errors.js"
import { readFully } from "./file-io.js"
import type { FilePool } from "./file-pool.js"

/** Fills `target` from `offset` of a file on. Rejects with the system error. @throws StoreError "file_differs" when the file is shorter. */
export async function readSpan(
  files: FilePool,
  { path, flags }: { readonly path: string; readonly flags: number },
  target: Uint8Array,
  offset: number,
): Promise<void> {
  const whole = await files.use(path, flags, (fd) => readFully(fd, target, offset))
  if (!whole) throw new StoreError("file_differs", `${path}: it is shorter than it was`)
}
