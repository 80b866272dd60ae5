import { EXIT } from '#services/exit'
import { StartFailure } from '#services/first_run/failure'
import { transcript } from '#services/first_run/transcript'
import type { BaseCommand } from '@adonisjs/core/ace'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createConnection } from 'mysql2/promise'

type Prompt = BaseCommand['prompt']
type Settings = Record<string, string>

/**
 * Chooses the database for this and all later starts. For `mysql` the address is asked for, or taken
 * from DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_DATABASE, and tried before `.env` is written.
 */
export async function askForDatabase(
  choice: string,
  envFile: string,
  prompt: Prompt
): Promise<void> {
  if (choice === 'sqlite') {
    return writeSettings(envFile, { DB_CONNECTION: 'sqlite' })
  }
  if (choice !== 'mysql') {
    throw new StartFailure(`--db must be sqlite or mysql, got "${choice}"`, EXIT.usage)
  }
  const settings = await mysqlSettings(prompt)
  await tryConnection(settings)
  await writeSettings(envFile, settings)
  transcript.done('Settings', `.env: MySQL at ${settings.DB_HOST}:${settings.DB_PORT}`)
}

async function mysqlSettings(prompt: Prompt): Promise<Settings> {
  const ask = async (name: string, question: string, standard?: string) => {
    const given = process.env[name]
    if (given !== undefined && given !== '') {
      return given
    }
    if (!process.stdin.isTTY) {
      if (standard !== undefined) {
        return standard
      }
      throw new StartFailure(
        `--db mysql without a terminal needs ${name} in the environment`,
        EXIT.usage
      )
    }
    return name === 'DB_PASSWORD'
      ? prompt.secure(question)
      : prompt.ask(question, { default: standard })
  }
  return {
    DB_CONNECTION: 'mysql',
    DB_HOST: await ask('DB_HOST', 'MySQL host', '127.0.0.1'),
    DB_PORT: await ask('DB_PORT', 'Port', '3306'),
    DB_USER: await ask('DB_USER', 'User', 'worksight'),
    DB_PASSWORD: await ask('DB_PASSWORD', 'Password'),
    DB_DATABASE: await ask('DB_DATABASE', 'Database', 'worksight'),
  }
}

async function tryConnection(settings: Settings): Promise<void> {
  try {
    const connection = await createConnection({
      host: settings.DB_HOST,
      port: Number(settings.DB_PORT),
      user: settings.DB_USER,
      password: settings.DB_PASSWORD,
      database: settings.DB_DATABASE,
      connectTimeout: 5000,
    })
    await connection.end()
  } catch (error) {
    throw new StartFailure(
      `MySQL at ${settings.DB_HOST}:${settings.DB_PORT} cannot be used; .env was not changed`,
      EXIT.unreachable,
      [error instanceof Error ? error.message : String(error)]
    )
  }
}

/** Sets values in `.env` and for the processes of this start; other lines stay as they are. */
async function writeSettings(envFile: string, settings: Settings): Promise<void> {
  let text = await readFile(envFile, 'utf8')
  for (const [name, value] of Object.entries(settings)) {
    const line = `${name}=${/^[\w./:@-]*$/.test(value) ? value : `'${value}'`}`
    const existing = new RegExp(`^#?\\s*${name}=.*$`, 'm')
    text = existing.test(text) ? text.replace(existing, () => line) : `${text.trimEnd()}\n${line}\n`
    process.env[name] = value
  }
  await writeFile(`${envFile}.new`, text, { mode: 0o600 })
  await rename(`${envFile}.new`, envFile)
}
