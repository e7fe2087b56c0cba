import { afterEach, beforeEach, expect, it } from "vitest"
import { ClientRig } from "../testing/client-rig.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

it("an unfinished download is shown with its parts once the start's documents are opened [T1]", async () => {
  const { leecher, seeder } = await rig.halfDone(40)
  await seeder.close()
  await leecher.close()
  const again = await rig.open("b")
  await again.opened()
  const shown = again.snapshot().documents[0]
  expect(shown?.state).toBe("downloading")
  expect(shown?.haveCount).toBeGreaterThanOrEqual(2)
})
