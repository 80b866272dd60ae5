import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { test } from '@japa/runner'
import { agentProcess, FakeServer } from '../testing/main.ts'

const run = promisify(execFile)
const REPOSITORY = join(import.meta.dirname, '../..')
const TSC = join(REPOSITORY, 'node_modules/typescript/bin/tsc')

/** The files that the page shows: a name in backticks on its own line, then a fenced block. */
async function filesOfPage(): Promise<Map<string, string>> {
  const page = await readFile(join(REPOSITORY, 'docs/plugins.md'), 'utf8')
  const blocks = page.matchAll(/^`([\w.]+)`\n\n```\w+\n(.*?)^```$/gms)
  return new Map([...blocks].map(([, name = '', text = '']) => [name, text]))
}

/** A folder below the repository, where its packages are found, with the plugin installed in it. */
async function installed(cleanup: (work: () => Promise<void>) => void) {
  const files = await filesOfPage()
  await mkdir(join(REPOSITORY, 'storage'), { recursive: true })
  const folder = await mkdtemp(join(REPOSITORY, 'storage', 'plugin-'))
  cleanup(() => rm(folder, { recursive: true, force: true }))
  const home = join(folder, 'node_modules', 'worksight-quiet-file')
  await mkdir(home, { recursive: true })
  for (const [name, text] of files) {
    await writeFile(join(name === 'site.ts' ? folder : home, name), text)
  }
  await run(process.execPath, [TSC, '-p', home]).catch((error: { stdout?: string }) => {
    throw new Error(error.stdout)
  })
  return { folder, home, files }
}

test.group('docs/plugins.md', (group) => {
  group.each.timeout(180_000)

  test('the plugin compiles, and its own spec passes', async ({ assert, cleanup }) => {
    const { home, files } = await installed(cleanup)

    const { stdout } = await run(process.execPath, ['--test', join(home, 'dist/main.spec.js')])

    assert.sameMembers(
      [...files.keys()],
      ['package.json', 'tsconfig.json', 'main.ts', 'main.spec.ts', 'README.md', 'site.ts']
    )
    assert.match(stdout, /pass 3\b/)
    assert.isAtMost(files.get('main.ts')?.split('\n').length ?? 0, 60)
    assert.include(files.get('README.md'), 'What leaves the machine')
  })

  test('as a package that a site lists, it works in a running agent', async ({
    assert,
    cleanup,
  }) => {
    const { folder } = await installed(cleanup)
    const server = await FakeServer.start()
    cleanup(() => server.stop())
    const command = (...args: string[]) =>
      agentProcess(
        [
          '--json',
          '--data-dir',
          join(folder, 'data'),
          '--config',
          join(folder, 'site.ts'),
          ...args,
        ],
        { HOME: folder }
      )
    const json = async (...args: string[]) => JSON.parse((await command(...args).ended).stdout)
    const { sha256 } = await json('notice')
    await json('enrol', server.url, 'wse_fake', '--acknowledge', sha256)
    const agent = command('run')
    cleanup(async () => {
      agent.child.kill('SIGTERM')
      await agent.ended
    })
    const kinds = () => [...server.received.values()].map(({ observation }) => observation.kind)
    const stateOf = async (name: string) =>
      (await json('status')).plugins.find((plugin: { name: string }) => plugin.name === name)
    while (!kinds().includes('screenshot')) {
      await setTimeout(50)
    }

    await writeFile(join(folder, 'do-not-observe'), '')
    let screenshot
    do {
      screenshot = await stateOf('screenshot')
    } while (screenshot?.state !== 'idle')

    assert.include(screenshot.reason, 'quiet-file')
    assert.containSubset(await stateOf('quiet-file'), {
      state: 'idle',
      reason: `${join(folder, 'do-not-observe')} is there`,
    })
    assert.containSubset(await json('plugins', 'info', 'quiet-file'), {
      hooks: ['validate', 'start', 'shouldObserve'],
    })
  })
})
