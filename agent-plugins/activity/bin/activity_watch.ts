import { text } from 'node:stream/consumers'
import { exportBuckets, importBuckets, InvalidBuckets, readBuckets } from '../activity_watch.ts'

/**
 * ActivityWatch's buckets to WorkSight's events and back, from standard input to standard output:
 *
 *     node agent-plugins/activity/bin/activity_watch.ts import < aw-buckets-export.json
 *     node agent-plugins/activity/bin/activity_watch.ts export < buckets.json
 *
 * Ends with 0, with 2 when asked for something else, with 8 when the input is not what it should be.
 */

async function main(what: string | undefined): Promise<number> {
  if (what !== 'import' && what !== 'export') {
    console.error(`Expected "import" or "export", found ${what ? `"${what}"` : 'nothing'}`)
    return 2
  }
  try {
    const input: unknown = JSON.parse(await text(process.stdin))
    const output = what === 'import' ? importBuckets(input) : exportBuckets(readBuckets(input))
    process.stdout.write(`${JSON.stringify(output, null, 2)}\n`)
    return 0
  } catch (error) {
    if (error instanceof InvalidBuckets || error instanceof SyntaxError) {
      console.error(error.message)
      return 8
    }
    throw error
  }
}

process.exitCode = await main(process.argv[2])
