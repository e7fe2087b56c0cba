/** The day of a version in a changelog ("## [0.1.0] - 2026-11-26"); undefined before it is released. */
export function releaseDate(changelog: string, version: string): string | undefined {
  const headings = changelog.matchAll(/^## \[([^\]]+)\] - (\d{4}-\d{2}-\d{2})$/gm)
  return [...headings].find(([, released]) => released === version)?.[2]
}
