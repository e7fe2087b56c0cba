import type { Steps } from "../base/steps.js"
import type { FolderLayout } from "../torrent/folder-layout.js"

/** Entries that are looked at in one step. Our choice: some milliseconds. */
export const ENTRIES_AT_ONCE = 8_192

/** The folders of a document, and what stands in each. Folder 0 is the document itself; a folder has a greater number than the one it stands in. */
export class FolderTree {
  readonly layout: FolderLayout
  /** "a/b"; "" for folder 0. */
  readonly paths: readonly string[]
  readonly parents: Uint32Array
  readonly #folderOf: Uint32Array
  readonly #files: Groups
  readonly #folders: Groups

  private constructor(
    layout: FolderLayout,
    folders: { readonly paths: readonly string[]; readonly parents: Uint32Array; readonly groups: Groups },
    files: { readonly folderOf: Uint32Array; readonly groups: Groups },
  ) {
    this.layout = layout
    this.paths = folders.paths
    this.parents = folders.parents
    this.#folders = folders.groups
    this.#folderOf = files.folderOf
    this.#files = files.groups
  }

  static *of(layout: FolderLayout): Steps<FolderTree> {
    const folders = new NewFolders()
    const folderOf = new Uint32Array(layout.entryCount)
    let last = 0
    for (let index = 0; index < layout.entryCount; index++) {
      if (index % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) yield
      if (layout.isPadding(index)) continue
      const path = layout.path(index)
      const end = Math.max(0, path.lastIndexOf("/"))
      // Most files stand beside the one before.
      const lastPath = folders.paths[last] ?? ""
      if (end !== lastPath.length || !path.startsWith(lastPath)) last = folders.at(path.slice(0, end))
      folderOf[index] = last
    }
    const { paths } = folders
    const parents = Uint32Array.from(folders.parents)
    const files = yield* Groups.of(folderOf, paths.length, (index) => !layout.isPadding(index))
    const groups = yield* Groups.of(parents, paths.length, (folder) => folder !== 0)
    return new FolderTree(layout, { paths, parents, groups }, { folderOf, groups: files })
  }

  get folderCount(): number {
    return this.paths.length
  }

  /** Without padding. */
  get fileCount(): number {
    return this.#files.memberCount
  }

  /** Of a file by its index. */
  folderOf(fileIndex: number): number {
    return this.#folderOf[fileIndex] ?? 0
  }

  /** Files directly in a folder, in the order of the document. */
  filesIn(folder: number): Uint32Array {
    return this.#files.of(folder)
  }

  /** Folders directly in a folder. */
  foldersIn(folder: number): Uint32Array {
    return this.#folders.of(folder)
  }

  /** Adds the values of folders to those of the folders they stand in. */
  addUp(values: Uint32Array | Float64Array): void {
    for (let folder = this.folderCount - 1; folder > 0; folder--) {
      const parent = this.parents[folder] ?? 0
      values[parent] = (values[parent] ?? 0) + (values[folder] ?? 0)
    }
  }
}

class NewFolders {
  readonly paths: string[] = [""]
  readonly parents: number[] = [0]
  readonly #numbers = new Map<string, number>([["", 0]])

  at(path: string): number {
    const known = this.#numbers.get(path)
    if (known !== undefined) return known
    const parent = this.at(path.slice(0, Math.max(0, path.lastIndexOf("/"))))
    const number = this.paths.push(path) - 1
    this.parents.push(parent)
    this.#numbers.set(path, number)
    return number
  }
}

/** The members of each group, in ascending order. */
class Groups {
  readonly #begins: Uint32Array
  readonly #members: Uint32Array

  private constructor(begins: Uint32Array, members: Uint32Array) {
    this.#begins = begins
    this.#members = members
  }

  static *of(groupOf: Uint32Array, groupCount: number, isMember: (member: number) => boolean): Steps<Groups> {
    const begins = new Uint32Array(groupCount + 1)
    for (let member = 0; member < groupOf.length; member++) {
      if (member % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) yield
      const next = (groupOf[member] ?? 0) + 1
      if (isMember(member)) begins[next] = (begins[next] ?? 0) + 1
    }
    for (let group = 0; group < groupCount; group++) begins[group + 1] = (begins[group + 1] ?? 0) + (begins[group] ?? 0)
    const places = begins.slice()
    const members = new Uint32Array(begins[groupCount] ?? 0)
    for (let member = 0; member < groupOf.length; member++) {
      if (member % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) yield
      if (!isMember(member)) continue
      const group = groupOf[member] ?? 0
      const place = places[group] ?? 0
      members[place] = member
      places[group] = place + 1
    }
    return new Groups(begins, members)
  }

  get memberCount(): number {
    return this.#members.length
  }

  of(group: number): Uint32Array {
    return this.#members.subarray(this.#begins[group], this.#begins[group + 1])
  }
}
