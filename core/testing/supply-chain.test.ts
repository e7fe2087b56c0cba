import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

/** What npm's lock file (version 3) says of one package. */
interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
}

/**
 * Packages that may run an install script. Both look for the compiled half that came with them and build it if there is none; where
 * it is there, npm may skip all scripts (`--ignore-scripts`).
 */
const MAY_RUN_SCRIPTS = ["node_modules/lmdb", "node_modules/msgpackr-extract"]

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8")) as unknown
const { packages } = read("package-lock.json") as { readonly packages: Readonly<Record<string, LockedPackage>> }
const locked = Object.entries(packages).filter(([path]) => path !== "")

function pathsWhere(breaks: (each: LockedPackage) => boolean): string[] {
  return locked.filter(([, each]) => breaks(each)).map(([path]) => path)
}

it("every package that is installed is pinned by the hash of its content", () => {
  expect(locked.length).toBeGreaterThan(50)
  expect(pathsWhere(({ integrity }) => !integrity?.startsWith("sha512-"))).toEqual([])
})

it("nothing comes from a repository, a folder or any other place than the registry", () => {
  expect(pathsWhere(({ resolved }) => /^(git|file|http:|github)/.test(resolved ?? ""))).toEqual([])
  const manifest = read("package.json") as Readonly<Record<string, Readonly<Record<string, string>>>>
  const wanted = Object.entries({ ...manifest["dependencies"], ...manifest["devDependencies"] })
  expect(wanted.filter(([, range]) => !/^\^?\d+\.\d+\.\d+$/.test(range))).toEqual([])
})

it("no further package runs a program of its own when it is installed", () => {
  expect(pathsWhere(({ hasInstallScript }) => hasInstallScript === true)).toEqual(MAY_RUN_SCRIPTS)
})
