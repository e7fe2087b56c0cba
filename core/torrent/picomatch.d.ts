/** The part of picomatch that `select-files.ts` uses; the package brings no types. */
declare module "picomatch" {
  interface Options {
    /** "*" and "**" match names that begin with ".", too. */
    readonly dot: boolean
    /** "\" separates names. */
    readonly windows: boolean
  }
  /** @throws TypeError for an empty pattern, SyntaxError for one of more than 65,536 characters. */
  export default function picomatch(pattern: string, options: Options): (path: string) => boolean
}
