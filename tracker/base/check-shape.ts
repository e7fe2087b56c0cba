import type { z } from "zod"
import { Refusal } from "./refusal.js"

/** A request's body as the schema has it. Throws a Refusal 400 that names the first fault. */
export function checkShape<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const field = issue?.path.join(".") ?? ""
  throw new Refusal(400, "bad_request", `${field === "" ? "the body" : field}: ${issue?.message ?? "is wrong"}`)
}
