import { formatCount } from "../base/format.js"

/** "1,204 of 30,000 parts". */
export function somePartsWords(some: number, all: number): string {
  return `${formatCount(some)} of ${formatCount(all)} parts`
}
