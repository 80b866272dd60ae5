import type { Processes } from '#services/first_run/processes'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Readable } from 'node:stream'

/** Size of the virtual screen, in pixels. */
const SCREEN = '1440x900x24'

/** Where a program is on the PATH, or null. */
export function findProgram(name: string): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      continue
    }
  }
  return null
}

/**
 * Starts Xvfb on a display number that it chooses itself, with a moving demo desktop on it. Resolves
 * to the display's name, such as `:99`, or to null when there is no Xvfb on this machine.
 */
export async function startVirtualDisplay(
  processes: Processes,
  root: string,
  onExit: (name: string, code: number | null) => void
): Promise<string | null> {
  const program = findProgram('Xvfb')
  if (!program) {
    return null
  }
  const xvfb = processes.start(
    'virtual display',
    [program, '-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-noreset'],
    { cwd: root, logFile: join(root, 'storage/logs/xvfb.log') },
    onExit
  )
  const number = await firstLine(xvfb.stdio[3] as Readable)
  const display = `:${number}`
  processes.start(
    'demo desktop',
    [process.execPath, join(root, 'agent-plugins/screenshot/demo_display.ts')],
    { cwd: root, env: { DISPLAY: display }, logFile: join(root, 'storage/logs/demo-desktop.log') },
    onExit
  )
  return display
}

/** What a stream says up to its first line break: a display number comes in one piece or in two. */
export async function firstLine(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream) {
    text += chunk
    if (text.includes('\n')) {
      break
    }
  }
  return text.trim()
}
