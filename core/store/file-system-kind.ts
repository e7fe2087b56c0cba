import { statfs } from "node:fs/promises"
import { dirname } from "node:path"

/** `f_type` of file systems that several kernels may have mounted at once (Linux: linux/magic.h, and each one's own headers). */
const SHARED_TYPES: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x517b, // SMB
  0x01021997, // 9p: folders of a host inside its virtual machines
  0x65735546, // FUSE: sshfs, virtiofs, rclone
  0x00c36400, // Ceph
  0x5346414f, // AFS
  0x0bd00bd0, // Lustre
  0x01161970, // GFS2
  0x7461636f, // OCFS2
  0x47504653, // GPFS
  0x786f4256, // VirtualBox
  0xbacbacbc, // VMware
])

/** Whether other machines may use the file system of `path` at the same time. Known on Linux only. */
export async function isSharedByHosts(path: string): Promise<boolean> {
  if (process.platform !== "linux") return false
  const { type } = await statfs(dirname(path))
  // Some kernels give it as a signed number of 32 bits.
  return SHARED_TYPES.has(type >>> 0)
}

/** Those of USB sticks and memory cards (linux/magic.h). */
const FAT_TYPES: ReadonlyMap<number, "FAT" | "exFAT"> = new Map([
  [0x4d44, "FAT"],
  [0x2011bab0, "exFAT"],
])

/**
 * The guarantees that downloads on the file system of `path` lack; undefined when there are all, or when the file system is unknown: on
 * other systems than Linux, and for exFAT mounted through FUSE.
 */
export async function weaknessOf(path: string): Promise<string | undefined> {
  if (process.platform !== "linux") return undefined
  const { type } = await statfs(dirname(path))
  const name = FAT_TYPES.get(type >>> 0)
  if (name === undefined) return undefined
  const lacks = `${name} has no hard links, no modes and no journal`
  const replaced = "a file that gets the target's name as the download ends may be replaced"
  const more = name === "FAT" ? "; edits within 2 s are not seen, and no file of 4 GiB or more is taken" : ""
  return `${lacks}: ${replaced}, and other users can read an unfinished private file${more}`
}
