import type { Context } from './context.ts'
import { columns, size } from './output.ts'

/** `queue`: what waits for the server. Changes nothing. */
export async function listQueue(context: Context): Promise<number> {
  const { scan } = await context.readSpool()
  const rows = scan.queue.map(({ id, seq, kind, capturedAt, size: bytes }) => ({
    id,
    seq,
    kind,
    captured_at: capturedAt,
    bytes,
  }))
  const text = columns(
    rows.map((row) => [String(row.seq), row.kind, row.captured_at, size(row.bytes), row.id])
  )
  context.out.data(rows.length === 0 ? 'Nothing waits.' : text, rows)
  return 0
}
