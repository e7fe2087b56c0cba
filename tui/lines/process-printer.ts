import { stderr, stdout } from "node:process"
import { LinePrinter } from "./line-printer.js"

/** Prints to the streams of this process; a reader that has gone is no fault. */
export function processPrinter({ json }: { readonly json: boolean }): LinePrinter {
  return new LinePrinter({ stdout, stderr, json, onBrokenPipe: () => {} })
}
