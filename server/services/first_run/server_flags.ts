/**
 * How Node runs a server: with a heap sized for the job. Untuned, V8 lets it grow to 500 MB under load
 * before it cleans up; with these it stays under 256 MB under the heaviest load measured (bench/README.md).
 * What uploads leave behind is collected by asking for it (services/file_intake.ts).
 */
export const SERVER_FLAGS = [
  '--max-old-space-size=192',
  '--max-semi-space-size=8',
  '--expose-gc',
] as const
