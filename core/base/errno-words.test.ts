import { constants } from "node:os"
import { describe, expect, it } from "vitest"
import { noSuchFileWords, reasonOf } from "./errno-words.js"
import { errnoOf } from "./errors.js"

const failure = (code: string, errno?: number) => Object.assign(new Error("it failed"), { code, errno })

describe("the errno code of a system error", () => {
  it.each(["EDQUOT", "ESTALE"] as const)("is %s where Node has no name for it [W1]", (name) => {
    const errno = -constants.errno[name]
    // Node's promises and its calls that wait name it so.
    expect(errnoOf(failure(`Unknown system error ${errno}`, errno))).toBe(name)
    expect(errnoOf(failure("UNKNOWN", errno))).toBe(name)
  })

  it("is a number where no list has a name for it [W1]", () => {
    expect(errnoOf(failure("Unknown system error -4000", -4000))).toBe("E4000")
  })

  it("is Node's own name, or nothing", () => {
    expect(errnoOf(failure("ENOENT", -2))).toBe("ENOENT")
    expect(errnoOf(new Error("a bug"))).toBeUndefined()
  })
})

describe("why a call on a file failed", () => {
  // What open, read, write, rename and link may answer on the file systems of Linux and macOS.
  const CODES =
    "EACCES EAGAIN EBUSY EDQUOT EEXIST EFBIG EILSEQ EINVAL EIO EISDIR ELOOP EMFILE EMLINK ENAMETOOLONG ENFILE ENODEV ENOENT ENOLCK ENOMEM ENOSPC ENOTDIR ENXIO EPERM EROFS ESTALE ETXTBSY"
  it.each(CODES.split(" "))("has words for %s [W1]", (errno) => {
    expect(reasonOf(failure(errno))).toMatch(new RegExp(`^[a-z].* \\(${errno}\\)$`))
  })

  it("is the code without words, and the message of another error", () => {
    expect(reasonOf(failure("ESOMETHING"))).toBe("ESOMETHING")
    expect(reasonOf(new Error("a bug"))).toBe("a bug")
  })
})

it("a name with bytes that are not UTF-8 is called so [W2]", () => {
  expect(noSuchFileWords("/srv/caf\uFFFD")).toMatch(/not UTF-8/)
  expect(noSuchFileWords("/srv/café")).toBe("no such file")
})
