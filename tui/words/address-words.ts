import type { AddressChoice } from "../../core/index.js"

/** "192.168.1.20 (eth0)", and why it was chosen where there was a choice, and how to choose another. */
export function addressWords(choice: AddressChoice): string {
  const { host, why, interfaceName, otherCount } = choice
  if (why === "named") return `${host} (named by "announce" or --address)`
  if (why === "listening") return `${host} (${interfaceName})`
  const others = otherCount === 0 ? "" : `, chosen of ${otherCount + 1}: --address names another`
  return `${host} (${interfaceName}${WHY[why]}${others})`
}

const WHY = {
  card: "",
  otherCard: "",
  tunnel: ", a VPN: only its members reach it",
  carrier: ", a carrier's network: other networks may not reach it",
  containers: ", a bridge to containers: other machines do not reach it",
} as const
