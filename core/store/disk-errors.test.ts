import { constants } from "node:os"
import { describe, expect, it } from "vitest"
import { StoreError } from "../base/errors.js"
import { noRoomWords, storeErrorOf, unreadable } from "./disk-errors.js"

const failure = (code: string) => Object.assign(new Error(`${code}: it failed`), { code })

describe("what a failed disk call means for a document", () => {
  it.each([
    ["no space [hostile 10]", "ENOSPC", "disk_full", /9\.28 KiB more are needed/],
    ["a quota [hostile 18] [W1]", "EDQUOT", "disk_full", /the quota .* is used up, 9\.28 KiB more are needed/],
    ["a read-only disk [hostile 18]", "EROFS", "not_writable", /can't be written here: .*read-only \(EROFS\)/],
    [
      "a folder of another user [hostile 18]",
      "EACCES",
      "not_writable",
      /can't be written here: permission denied \(EACCES\)/,
    ],
    ["no descriptor [hostile 17]", "EMFILE", "too_many_files", /no free file descriptor \(EMFILE\)/],
    ["no descriptor in the whole system [hostile 17]", "ENFILE", "too_many_files", /\(ENFILE\)/],
    ["a broken disk [hostile 11]", "EIO", "disk_failed", /failed \(EIO\)/],
    ["a file system with a limit [E12]", "EFBIG", "file_too_large", /takes no file as large as this \(EFBIG\)/],
    ["a long name [E12]", "ENAMETOOLONG", "name_too_long", /the name is too long/],
    ["a file that was taken away [E12]", "ENOENT", "file_gone", /was taken away \(ENOENT\)/],
    ["a folder in its place [E12]", "EISDIR", "is_folder", /a folder is in its place/],
    ["a network disk that is gone [W1]", "ESTALE", "disk_failed", /the network file system has lost it \(ESTALE\)/],
    ["a file that runs [W1]", "ETXTBSY", "disk_failed", /a program runs from it \(ETXTBSY\)/],
  ])("%s", (_, errno, code, message) => {
    const cause = failure(errno)
    const error = storeErrorOf(cause, "/srv/a.iso.part", 9_500)
    expect(error).toBeInstanceOf(StoreError)
    expect(error).toMatchObject({ code, cause, message: expect.stringMatching(message) })
  })

  it.each(["ENOSPC", "EDQUOT"])("names no bytes where none are known to be needed: %s [W1]", (errno) => {
    const { message } = storeErrorOf(failure(errno), "/srv/state", 0) as StoreError
    expect(message).toMatch(new RegExp(`(full|used up) \\(${errno}\\)$`))
  })

  it("is understood where Node has no name for it, as of a quota [W1]", () => {
    const cause = Object.assign(failure("Unknown system error -122"), { errno: -constants.errno.EDQUOT })
    expect(storeErrorOf(cause, "/srv/a.iso.part", 9_500)).toMatchObject({ code: "disk_full" })
  })

  it.each([new TypeError("a bug"), failure("ERR_INVALID_ARG_TYPE"), new StoreError("file_changed", "it changed")])(
    "is nothing the disk said: %s",
    (error) => {
      expect(storeErrorOf(error, "/srv/a.iso", 0)).toBe(error)
    },
  )
})

it.each([
  ["ENOENT", "no_such_file"],
  ["ENOTDIR", "no_such_file"],
  ["EACCES", "not_readable"],
  ["EIO", "not_readable"],
])("a file that the user named and %s hides is %s", (errno, code) => {
  expect(unreadable("/srv/a.iso", failure(errno))).toMatchObject({ name: "CommandError", code })
})

it.each([
  [3 * 1024 ** 3, 1024, "3.00 GiB are needed, 1.00 KiB are free on this disk"],
  [3 * 1024 ** 3 + 1, 3 * 1024 ** 3, "3,221,225,473 bytes are needed, 3,221,225,472 bytes are free on this disk"],
])("of %i bytes and %i free ones the shortage is seen", (needed, free, words) => {
  expect(noRoomWords(needed, free)).toBe(words)
})
