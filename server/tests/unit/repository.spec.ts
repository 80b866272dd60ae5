import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const files = execFileSync('git', ['ls-files', '-z'], { cwd: app.makePath(), encoding: 'utf8' })
  .split('\0')
  .filter(Boolean)

const read = (file: string) => readFileSync(app.makePath(file), 'utf8')

type Lock = {
  packages: Record<
    string,
    { version?: string; link?: boolean; optionalDependencies?: Record<string, string> }
  >
}
const lock: Lock = JSON.parse(read('package-lock.json'))

/** Packages that read keys, run as somebody else, bring a browser, or fetch binaries of their own. */
const DENIED =
  /(^|\/)(uiohook-napi|iohook|robotjs|[^/]*keylog[^/]*|electron|keytar|node-windows|pm2|ffmpeg-static|adonis-autoswagger|@scalar\/.*)$/

const PICTURES = /\.(?:png|jpe?g|ico|webp|gif|woff2?)$/

test.group('Repository', () => {
  test('holds no settings, database or key file', ({ assert }) => {
    const forbidden =
      /(^|\/)\.env(?!\.example$)(\.|$)|\.(sqlite3?|db)(-\w+)?$|\.(pem|key|p12|pfx)$|credentials.*\.json$/

    assert.deepEqual(
      files.filter((file) => forbidden.test(file)),
      []
    )
  })

  test('names an installable version of every optional dependency', ({ assert }) => {
    const missing = Object.values(lock.packages)
      .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
      .filter((name) => {
        const entries = Object.entries(lock.packages).filter(([path]) =>
          path.endsWith(`node_modules/${name}`)
        )
        return !entries.some(([, entry]) => entry.version)
      })

    assert.deepEqual(missing, [])
  })

  test('depends on none of the denied packages', ({ assert }) => {
    const names = Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1) ?? '')

    assert.deepEqual(
      names.filter((name) => DENIED.test(name)),
      []
    )
  })

  test('pins every dependency exactly', ({ assert }) => {
    const manifests = files.filter((file) => /(^|\/)package\.json$/.test(file))
    const loose = manifests.flatMap((file) => {
      const {
        dependencies = {},
        devDependencies = {},
        optionalDependencies = {},
      } = JSON.parse(read(file))
      return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
        .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))
        .map(([name]) => `${file}: ${name}`)
    })

    assert.deepEqual(loose, [])
  })

  test('has text files with the line ends of Unix', ({ assert }) => {
    const texts = files.filter((file) => !PICTURES.test(file))

    assert.isAbove(texts.length, 100)
    assert.deepEqual(
      texts.filter((file) => read(file).includes('\r')),
      []
    )
  })
})
