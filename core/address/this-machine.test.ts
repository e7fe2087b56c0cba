import { networkInterfaces } from "node:os"
import { describe, expect, it, vi } from "vitest"
import { isThisMachine, machineHosts, ownHosts } from "./this-machine.js"

vi.mock("node:os", () => ({ networkInterfaces: vi.fn() }))

function throws(code: string): void {
  vi.mocked(networkInterfaces).mockImplementation(() => {
    throw Object.assign(new Error("A system error occurred: uv_interface_addresses returned EACCES"), { code })
  })
}

describe("the addresses of this machine", () => {
  it("are empty when the system does not list them, without an error [E4]", () => {
    throws("ERR_SYSTEM_ERROR")
    expect([...machineHosts()]).toEqual([])
    expect(isThisMachine("10.0.0.1")).toBe(false)
    expect(isThisMachine("127.0.0.1")).toBe(true)
    expect([...ownHosts("0.0.0.0")]).toEqual([])
    expect([...ownHosts("10.0.0.5")]).toEqual(["10.0.0.5"])
  })

  it("are read again each time, in normal form", () => {
    vi.mocked(networkInterfaces).mockReturnValue({ eth0: [{ address: "::ffff:10.0.0.7" }] as never })
    expect(isThisMachine("10.0.0.7")).toBe(true)
    vi.mocked(networkInterfaces).mockReturnValue({})
    expect(isThisMachine("10.0.0.7")).toBe(false)
  })
})
