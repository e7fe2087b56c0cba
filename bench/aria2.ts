import { MeteredProgram } from "./metered-program.js"

/** aria2 on a metainfo file, alone with its tracker. */
export function aria2(metainfo: string, folder: string, extra: readonly string[] = []): MeteredProgram {
  return new MeteredProgram([
    "aria2c",
    "--no-conf",
    "--enable-dht=false",
    "--enable-dht6=false",
    "--bt-enable-lpd=false",
    "--file-allocation=none",
    "--summary-interval=0",
    "--allow-overwrite=true",
    "--on-bt-download-complete=echo",
    `--dir=${folder}`,
    ...extra,
    metainfo,
  ])
}

/** What the hook prints when a download is whole. */
export const ARIA2_DONE = /^[0-9a-f]{16} 1 \//
