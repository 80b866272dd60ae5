/*
|--------------------------------------------------------------------------
| From an empty clone to Node 24
|--------------------------------------------------------------------------
|
| Plain JavaScript that imports nothing but Node itself, because it runs
| before anything is installed and under whatever Node the machine has.
|
*/
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const MODULES = join(ROOT, 'node_modules')
const LOCK = join(ROOT, 'package-lock.json')
const STAMP = join(MODULES, '.worksight-lock')
const BUNDLED_NODE = join(MODULES, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
const INSTALL_LOG = join(ROOT, 'storage', 'logs', 'install.log')
const SYSTEM_LOG = join(ROOT, 'storage', 'logs', 'system-packages.log')
const OLDEST_NODE = 24

/** Exit codes every command shares; docs/commands.md explains them. */
const EXIT = { unexpected: 1, unreachable: 5, invalidEnvironment: 8 }

/** Programs a command needs beside Node, with the Debian package that has each. */
const SYSTEM_PROGRAMS = {
  'up': { Xvfb: 'xvfb' },
  'test:all': {
    Xvfb: 'xvfb',
    import: 'imagemagick',
    ffmpeg: 'ffmpeg',
    tesseract: 'tesseract-ocr',
    setpriv: 'util-linux',
    xrandr: 'x11-xserver-utils',
    chromium: 'chromium',
    'mariadb-install-db': 'mariadb-server',
    strace: 'strace',
    faketime: 'faketime',
    ip: 'iproute2',
    xdotool: 'xdotool',
    xterm: 'xterm',
    openbox: 'openbox',
    xclip: 'xclip',
    trayer: 'trayer',
    i3lock: 'i3lock',
    slock: 'suckless-tools',
    curl: 'curl',
    nft: 'nftables',
    'redis-server': 'redis-server',
    openssl: 'openssl',
    script: 'bsdutils',
  },
}

/**
 * Makes the clone fit to run `argv`. Resolves to true when this process can go on, at once in the one
 * that took over from an older Node; the older one ends with its exit code.
 */
export async function bootstrap(argv) {
  if (process.env.WORKSIGHT_SYSTEM_NODE) {
    return true
  }
  const isStale = !isInstalled()
  const packages = missingSystemPackages(argv)
  if (isStale || packages.length > 0) {
    announce(argv)
    await Promise.all([isStale && installDependencies(), installSystemPackages(argv, packages)])
  }
  writeSettings(argv)
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) {
    return true
  }
  await handOver(argv)
  return false
}

/** Whether `node_modules` is what the lock file says; a hand-made `npm install` counts. */
function isInstalled() {
  const hash = createHash('sha256').update(readFileSync(LOCK)).digest('hex')
  if (existsSync(STAMP)) {
    return readFileSync(STAMP, 'utf8') === hash
  }
  const installed = join(MODULES, '.package-lock.json')
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(LOCK).mtimeMs
}

async function installDependencies() {
  const started = Date.now()
  prepareLogs()
  const { command, args } = npm([
    'ci',
    '--include=dev',
    '--fetch-retries=2',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
  ])
  const code = await run(command, args, INSTALL_LOG, 'Installing dependencies')
  const log = readFileSync(INSTALL_LOG, 'utf8')
  if (code !== 0) {
    const isNetwork =
      /ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ENETUNREACH|network/i.test(log)
    fail(
      isNetwork ? EXIT.unreachable : EXIT.unexpected,
      isNetwork
        ? 'npm could not reach its registry. Check the network, or the registry and proxy in ~/.npmrc, then run the same command again.'
        : `npm ci failed with exit code ${code}. The whole log is in storage/logs/install.log.`,
      log.trim().split('\n').slice(-5)
    )
  }
  writeFileSync(STAMP, createHash('sha256').update(readFileSync(LOCK)).digest('hex'))
  const count = /added (\d+) packages/.exec(log)?.[1]
  done('Dependencies', `${count ?? 'all'} packages`, started)
}

/** A clone without settings gets the example's, with a key of its own. */
function writeSettings(argv) {
  const file = join(ROOT, '.env')
  if (existsSync(file)) {
    return
  }
  announce(argv)
  prepareLogs()
  const key = randomBytes(24).toString('base64url')
  const example = readFileSync(join(ROOT, '.env.example'), 'utf8')
  writeFileSync(file, example.replace(/^APP_KEY=.*$/m, `APP_KEY=${key}`), { mode: 0o600 })
  say(`  ✔ ${'Settings'.padEnd(22)}.env written, APP_KEY created\n`)
}

function missingSystemPackages([command, ...flags]) {
  const programs = SYSTEM_PROGRAMS[command] ?? {}
  if (
    process.platform !== 'linux' ||
    flags.some((flag) => /^--(help|no-agent|real-display|reset)$/.test(flag))
  ) {
    return []
  }
  return Object.keys(programs)
    .filter((program) => !isOnPath(program))
    .map((program) => programs[program])
}

/** As root on Debian and its children the packages are installed; else the line to run is printed. */
async function installSystemPackages([command], packages) {
  if (packages.length === 0) {
    return
  }
  const line = `apt-get install --no-install-recommends ${packages.join(' ')}`
  if (!isOnPath('apt-get') || process.getuid?.() !== 0) {
    say(`  ! Missing system tools  ${packages.join(', ')}. To install them: sudo ${line}\n`)
    return
  }
  const started = Date.now()
  prepareLogs()
  say(`  … System tools          ${line}\n`)
  const script = `apt-get update -qq && DEBIAN_FRONTEND=noninteractive ${line} -y -qq`
  const code = await run('sh', ['-c', script], SYSTEM_LOG)
  if (code === 0) {
    done('System tools', packages.join(', '), started)
  } else {
    const last = readFileSync(SYSTEM_LOG, 'utf8').trim().split('\n').slice(-3).join('\n    ')
    say(`  ! System tools          apt-get failed; ${command} goes on without them.\n    ${last}\n`)
  }
}

/** Starts the same command under the Node of the registry and ends with its exit code. */
async function handOver(argv) {
  if (!existsSync(BUNDLED_NODE)) {
    fail(
      EXIT.invalidEnvironment,
      `WorkSight needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}, and the registry has no Node for ${process.platform}-${process.arch}. Install Node ${OLDEST_NODE} from your system's packages, then run the same command again.`
    )
  }
  const child = spawn(BUNDLED_NODE, [join(ROOT, 'ace'), ...argv], {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${join(MODULES, '.bin')}${delimiter}${process.env.PATH ?? ''}`,
      WORKSIGHT_SYSTEM_NODE: process.versions.node,
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal))
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 143)))
  })
  process.exit(code)
}

function npm(args) {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) {
    return { command: process.execPath, args: [script, ...args] }
  }
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args }
}

function run(command, args, logFile, waiting) {
  const log = openSync(logFile, 'w')
  const spinner = waiting ? spin(waiting) : undefined
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', log, log] })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  }).finally(() => {
    closeSync(log)
    spinner?.()
  })
}

function isOnPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/sbin')
    .some((folder) => {
      try {
        accessSync(join(folder, program), constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

function prepareLogs() {
  const folder = join(ROOT, 'storage', 'logs')
  try {
    mkdirSync(folder, { recursive: true })
    mkdirSync(join(ROOT, 'tmp'), { recursive: true })
    accessSync(ROOT, constants.W_OK)
  } catch (error) {
    fail(
      EXIT.invalidEnvironment,
      `WorkSight cannot write in ${ROOT} (${error.code}). Give this user the folder, for example: sudo chown -R "$(id -un)" "${ROOT}"`
    )
  }
}

function announce([command]) {
  if (command !== 'up' || process.env.WORKSIGHT_ANNOUNCED) {
    return
  }
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  say(`\n  WorkSight ${version} — first start on this machine\n\n`)
  process.env.WORKSIGHT_ANNOUNCED = '1'
}

function spin(label) {
  if (!process.stderr.isTTY) {
    say(`  … ${label}\n`)
    return undefined
  }
  const started = Date.now()
  const timer = setInterval(() => {
    process.stderr.write(`\r  … ${label}  ${Math.round((Date.now() - started) / 1000)} s `)
  }, 250)
  return () => {
    clearInterval(timer)
    process.stderr.write('\r\u001b[K')
  }
}

function done(label, detail, started) {
  const seconds = Math.round((Date.now() - started) / 1000)
  say(`  ✔ ${label.padEnd(22)}${detail.padEnd(48)}${seconds} s\n`)
}

function say(text) {
  process.stderr.write(text)
}

function fail(code, sentence, lines = []) {
  say(`\n  ✖ ${sentence}\n${lines.map((line) => `    ${line}\n`).join('')}\n`)
  process.exit(code)
}
