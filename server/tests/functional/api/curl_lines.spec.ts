import app from '@adonisjs/core/services/app'
import { cleanDatabase } from '#tests/support/clean'
import { describe, picture } from '#tests/support/observations'
import { makeAgent, makeUser, tokenOf } from '#tests/support/people'
import { test } from '@japa/runner'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The lines of curl in the shell blocks of a page. */
async function curlLines(page: string): Promise<string[]> {
  const text = await readFile(app.makePath(page), 'utf8')
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => line.startsWith('curl '))
}

test.group('Lines of curl', (group) => {
  cleanDatabase(group)

  test('of {$self} work as printed')
    .with(['README.md', 'docs/api.md'])
    .run(async ({ client, assert }, page) => {
      const owner = await makeUser('owner')
      const { agent, token } = await makeAgent(owner)
      const image = await picture()
      const description = describe(1, image)
      await client
        .post('/api/screenshots')
        .bearerToken(token)
        .field('observation', JSON.stringify(description))
        .file('file', image, { filename: 'a.webp', contentType: 'image/webp' })
      const folder = await mkdtemp(join(tmpdir(), 'curl-'))
      const environment = {
        PATH: process.env.PATH,
        TOKEN: await tokenOf(owner),
        URL: `http://127.0.0.1:${process.env.PORT}`,
        AGENT: String(agent.id),
        ID: description.id,
      }
      const lines = await curlLines(page)
      assert.isAtLeast(lines.length, 3)
      try {
        for (const line of lines) {
          const { stdout } = await run('sh', ['-c', `${line} --silent --show-error --fail`], {
            cwd: folder,
            env: environment,
          })
          if (line.includes('--output')) {
            assert.isTrue(image.equals(await readFile(join(folder, 'screen'))))
          } else {
            const answer = JSON.parse(stdout)
            assert.notProperty(answer, 'error', line)
            assert.isTrue(line.includes('merged') || answer.data?.length !== 0, line)
          }
        }
      } finally {
        await rm(folder, { recursive: true })
      }
    })
})
