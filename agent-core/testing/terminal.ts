import { spawn } from 'node:child_process'
import { join } from 'node:path'

const AGENT = join(import.meta.dirname, '../bin/agent.ts')

/**
 * Runs `worksight-agent` on a terminal of its own (by `script` of util-linux) and types an answer each
 * time that what is on the screen ends with the question. Answers what was on the screen.
 */
export async function onTerminal(
  args: readonly string[],
  answers: readonly { readonly question: string; readonly answer: string }[]
): Promise<{ readonly exit: number | null; readonly screen: string }> {
  const command = [process.execPath, AGENT, ...args].map(quoted).join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  const left = [...answers]
  let screen = ''
  let seen = 0
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    screen += chunk
    const [next] = left
    const at = next === undefined ? -1 : screen.indexOf(next.question, seen)
    if (next !== undefined && at >= 0) {
      seen = at + next.question.length
      left.shift()
      child.stdin.write(`${next.answer}\n`)
    }
  })
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exit, screen: screen.replaceAll('\r\n', '\n') }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
