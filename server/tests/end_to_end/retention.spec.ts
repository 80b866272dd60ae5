import { World } from '#tests/support/world'
import Sqlite from 'better-sqlite3'
import { test } from '@japa/runner'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const IS_LONG = process.env.WORKSIGHT_TEST_LONG === '1'
/** Pictures and segments that are old enough to go: more than three transactions take. */
const LEAST_MEDIA = IS_LONG ? 200_000 : 1_800
/** Who worked, and for how many days. */
const DEMO = IS_LONG ? ['--people=5', '--days=14'] : ['--people=1', '--days=1']
const KILLS = 3
const DAY_MS = 86_400_000

/** The end of two weeks of work that every policy lets go by now. */
const LONG_AGO = new Date(Date.now() - 60 * DAY_MS).toISOString().slice(0, 10)

type Counts = { readonly screenshots: number; readonly recordings: number }

/** What the database says, read beside whoever writes it. */
function read<Result>(
  world: World,
  work: (database: InstanceType<typeof Sqlite>) => Result
): Result {
  const database = new Sqlite(join(world.folder, 'database.sqlite'), { timeout: 10_000 })
  try {
    return work(database)
  } finally {
    database.close()
  }
}

const media = (world: World): Counts =>
  read(world, (database) => {
    const [row] = database
      .prepare(
        'select (select count(*) from screenshots) as screenshots, (select count(*) from recordings) as recordings'
      )
      .all() as [Counts]
    return row
  })

const sum = ({ screenshots, recordings }: Counts) => screenshots + recordings

const days = (world: World) =>
  read(world, (database) =>
    database.prepare('select * from rollup_days order by person_id, day').all()
  )

/** Keys that rows name, and keys of files that are there. */
async function keys(world: World) {
  const named = read(world, (database) =>
    database
      .prepare('select media_key from screenshots union all select media_key from recordings')
      .all()
  ) as { media_key: string }[]
  const root = join(world.folder, 'media/files')
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return {
    named: new Set(named.map(({ media_key: key }) => key)),
    files: new Set(
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    ),
  }
}

/** Gives each old picture as many twins, with files of their own, as `least` asks for. */
function multiply(world: World, least: number) {
  const { screenshots } = media(world)
  const twins = Math.ceil(Math.max(0, least - sum(media(world))) / screenshots)
  const made = read(world, (database) => {
    const before = new Set(
      (database.prepare('select media_key from screenshots').all() as { media_key: string }[]).map(
        ({ media_key: key }) => key
      )
    )
    const names = (
      database.prepare('select name from pragma_table_info(?)').all('screenshots') as {
        name: string
      }[]
    ).map(({ name }) => name)
    const changed: Record<string, string> = {
      id: "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))",
      seq: '? + row_number() over (order by agent_id, seq)',
      media_key: "media_key || '.' || ?",
    }
    const columns = names.map((name) => `\`${name}\``).join(', ')
    const values = names.map((name) => changed[name] ?? `\`${name}\``).join(', ')
    const insert = database.prepare(
      `insert into screenshots (${columns}) select ${values} from screenshots where media_key not like '%.webp.%'`
    )
    // the order of the values is that of the columns
    const order = names.filter((name) => changed[name]?.includes('?'))
    for (let twin = 1; twin <= twins; twin += 1) {
      const bound: Record<string, number | string> = { seq: 1e6 + twin * 1e6, media_key: twin }
      insert.run(...order.map((name) => bound[name]))
    }
    database.exec('update agents set last_seq = 1e9')
    const all = database.prepare('select media_key from screenshots').all() as {
      media_key: string
    }[]
    return all.map(({ media_key: key }) => key).filter((key) => !before.has(key))
  })
  for (const key of made) {
    const path = join(world.folder, 'media/files', key)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'x')
  }
}

/** Whoever removed rows has a moment for their files before anybody else looks after them: it passes. */
function lookLater(world: World) {
  read(world, (database) => database.exec('update media_removals set next_at = next_at - 60000'))
}

/**
 * Lets go until one thread of the process has removed `files` files; there the kernel kills it, in the
 * middle of whatever else it does.
 */
async function killedAfter(world: World, files: number) {
  const kill = `inject=unlink,unlinkat:signal=SIGKILL:when=${files}`
  const flags = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=unlink,unlinkat', '-e', kill]
  const command = world.startCommand('retention:run', { under: ['strace', ...flags] })
  await once(command, 'exit')
}

test.group('Retention', () => {
  test(`of ${LEAST_MEDIA} pictures, killed ${KILLS} times in the middle: no row without its file, no file without its row, days as they were`, async ({
    assert,
    cleanup,
  }) => {
    const world = await World.make()
    cleanup(() => world.end())
    await world.setUp()
    await world.run('demo:seed', ...DEMO, '--seed=1', `--until=${LONG_AGO}`)
    multiply(world, LEAST_MEDIA)
    await world.run('rollup:run', '--rebuild')
    const before = days(world)
    const total = sum(media(world))
    assert.isAtLeast(total, LEAST_MEDIA)
    assert.isNotEmpty(before)

    const left: number[] = []
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await killedAfter(world, Math.round(total / 40))
      left.push(sum(media(world)))
      const { named, files } = await keys(world)
      assert.deepEqual(
        [...named].filter((key) => !files.has(key)),
        []
      )
    }
    assert.isAbove(left.at(-1) ?? 0, 0)
    assert.deepEqual(left, [...new Set(left)], 'each run got further')

    lookLater(world)
    await world.run('retention:run')
    assert.deepEqual([sum(media(world)), (await keys(world)).files.size], [0, 0])
    assert.deepEqual(days(world), before)
    if (IS_LONG) {
      // that a count anew keeps them is a fact of functional/retention.spec.ts, on both engines
      await world.run('rollup:run', '--rebuild')
      assert.deepEqual(days(world), before)
    }
  }).timeout(IS_LONG ? 3_600_000 : 240_000)
})
