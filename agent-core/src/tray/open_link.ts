import { spawn } from 'node:child_process'

/** Opens an address in the person's browser by xdg-open, without a shell; others can read it. Rejects where it cannot start. */
export function openLink(link: string, display: string): Promise<void> {
  const env = { ...process.env, DISPLAY: display }
  return new Promise((resolve, reject) => {
    const child = spawn('xdg-open', [link], { env, stdio: 'ignore', detached: true })
    child.once('error', reject)
    child.once('spawn', () => {
      child.unref()
      resolve()
    })
  })
}
