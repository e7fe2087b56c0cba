import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const MODULE = new URL("../../dist/core/base/v8-flags.js", import.meta.url)

/** What a process of its own prints as JSON: V8's flags are those of all threads of this one. `isRefused` says if V8 refuses code that it compiled with its defaults. */
function printedBy(script: string): unknown {
  const whole = `
    import { Script } from "node:vm"
    import { changeV8Flag, holdV8Defaults } from ${JSON.stringify(MODULE.href)}
    const cachedData = new Script("0").createCachedData()
    // Another text each time, of one length, which is what V8 compares: it remembers what it has compiled.
    let count = 0
    const isRefused = () => new Script(String(++count), { cachedData }).cachedDataRejected
    const flag = { name: "heap-growing-percent", value: 20, byDefault: 0 }
    ${script}`
  const program = [process.execPath, ["--input-type=module", "-e", whole]] as const
  return JSON.parse(execFileSync(...program, { encoding: "utf8", cwd: fileURLToPath(new URL(".", MODULE)) }))
}

it("lets V8 take code that was compiled with its defaults while they are held, whoever else holds them", () => {
  const refused = printedBy(`
    const refused = [isRefused()]
    changeV8Flag(flag)
    refused.push(isRefused())
    const [first, second] = [holdV8Defaults(), holdV8Defaults()]
    refused.push(isRefused())
    first()
    first()
    refused.push(isRefused())
    second()
    refused.push(isRefused())
    console.log(JSON.stringify(refused))`)
  expect(refused).toEqual([false, true, false, false, true])
})

it("changes a flag later when the defaults are held", () => {
  const refused = printedBy(`
    const letGo = holdV8Defaults()
    changeV8Flag(flag)
    const refused = [isRefused()]
    letGo()
    refused.push(isRefused())
    console.log(JSON.stringify(refused))`)
  expect(refused).toEqual([false, true])
})
