/**
 * The limit: node:http and the driver, group commit, nothing else. No token, no validation beyond
 * JSON, no duplicates: what is left when everything that makes a product is taken away.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const { PORT, DB, DB_HOST, DB_PORT, DB_USER, DB_PASSWORD, DB_DATABASE, FILE, MEDIA } = process.env
const COLUMNS = 5
const insert = DB === 'mysql' ? await mysql() : await sqlite()
let waiting = []
let isRunning = false

async function mysql() {
  const { createPool } = await import('mysql2/promise')
  const pool = createPool({
    host: DB_HOST,
    port: Number(DB_PORT),
    user: DB_USER,
    password: DB_PASSWORD,
    database: DB_DATABASE,
  })
  await pool.query('drop table if exists bare')
  await pool.query(
    'create table bare (id char(36), agent int, seq bigint, at bigint, body json, primary key (agent, at, id), unique (agent, seq))'
  )
  return (rows) => pool.query('insert into bare values ?', [rows])
}

async function sqlite() {
  const { default: Sqlite } = await import('better-sqlite3')
  const db = new Sqlite(FILE)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(
    'drop table if exists bare; create table bare (id text, agent int, seq int, at int, body text, primary key (agent, at, id), unique (agent, seq))'
  )
  const one = db.prepare(`insert into bare values (${Array(COLUMNS).fill('?').join(',')})`)
  return db.transaction((rows) => rows.forEach((row) => one.run(row)))
}

async function run() {
  while (waiting.length > 0) {
    const jobs = waiting
    waiting = []
    await insert(jobs.flatMap(({ rows }) => rows))
    jobs.forEach(({ answer }) => answer())
  }
  isRunning = false
}

/** An upload: to a file as it comes, with its hash on the way. */
function upload(request, response) {
  const hash = createHash('sha256')
  const target = createWriteStream(join(MEDIA, randomUUID()))
  request.on('data', (chunk) => {
    hash.update(chunk)
    if (!target.write(chunk)) {
      request.pause()
    }
  })
  target.on('drain', () => request.resume())
  request.on('end', () => target.end())
  target.on('finish', () => {
    response.writeHead(201, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ sha256: hash.digest('hex') }))
  })
}

createServer((request, response) => {
  if (request.method === 'GET') {
    response.end('ready')
    return
  }
  if (request.url === '/upload') {
    upload(request, response)
    return
  }
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks))
    const agent = Number(request.headers.authorization.split(' ')[1])
    const events = body.observations ?? [body]
    const rows = events.map((event) => [
      event.id,
      agent,
      event.seq,
      Date.parse(event.captured_at),
      JSON.stringify(event),
    ])
    const answer = () => {
      response.writeHead(201, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ results: events.map(({ id }) => ({ id, result: 'created' })) }))
    }
    waiting.push({ rows, answer })
    if (!isRunning) {
      isRunning = true
      setImmediate(run)
    }
  })
}).listen(Number(PORT), '127.0.0.1', () => console.log('ready'))
