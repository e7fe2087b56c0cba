import { describe, expect, it } from "vitest"
import { parameterOf, parametersOf, percentDecode } from "./query.js"

describe("a parameter of a query", () => {
  it.each([
    ["/announce?port=1", "1"],
    ["/announce?left=0&port=1&event=started", "1"],
    ["/announce?sport=2&port=1", "1"],
    ["/announce?port=1&port=2", "1"],
    ["/announce?a=b?port=1", undefined],
    ["/announce?port=", ""],
    ["/announce?port=&left=0", ""],
    ["/announce?PORT=1", undefined],
    ["/announce?port", undefined],
    ["/announce?sport=2", undefined],
    ["/port=1", undefined],
    ["/a&port=1", undefined],
    ["port=1", undefined],
    ["", undefined],
  ])("of %j is %j", (url, value) => {
    expect(parameterOf(url, "port")).toBe(value)
  })
})

it.each([
  ["/scrape?a=1&a=2&ba=3&a=&b=a=4&a=5", ["1", "2", "", "5"]],
  ["/scrape?a=1", ["1"]],
  ["/a=1", []],
])("all parameters of %j are %j [E14]", (url, values) => {
  expect(parametersOf(url, "a", 10)).toEqual(values)
  expect(parametersOf(url, "a", 2)).toEqual(values.slice(0, 2))
})

it("percent-encoded bytes come out as they went in, whatever they are", () => {
  expect([...percentDecode("a+%00%FF%ff%zz%")]).toEqual([...Buffer.from("a+\0"), 255, 255, ...Buffer.from("%zz%")])
})
