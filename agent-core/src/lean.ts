import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * What an agent at rest costs is memory, and it does little at a time: a small young generation, one
 * worker of V8, one malloc arena that gives pages back, two threads (a name server that does not
 * answer holds one, the other is left for the disk). What Node makes of the sources is kept between
 * starts, so that neither types are stripped nor code is compiled again. Code is not forgotten between two
 * looks at the screen: V8 would compile it anew for each picture, which takes twice the CPU. The heap may
 * grow by 70 %: the pixels of one look are as much, and V8 would collect its garbage for each. One
 * optimizing compiler is enough for what is done once in ten seconds; the other one's code is 3 MB.
 */
const FLAGS = [
  '--max-semi-space-size=1',
  '--v8-pool-size=1',
  '--optimize-for-size',
  '--no-flush-bytecode',
  '--heap-growing-percent=70',
  '--no-maglev',
] as const
const ENVIRONMENT = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '131072',
  UV_THREADPOOL_SIZE: '2',
} as const
/** Says that this process was started leanly, so that it is not started again. */
const MARK = 'WORKSIGHT_LEAN'

/**
 * Puts the same command in the place of this process, with settings that can only be given at its
 * start: the process id stays. Does nothing where that is done already, or not possible (Windows).
 * What the environment sets itself stays as it is; WORKSIGHT_LEAN=no keeps Node's own settings.
 */
export function startLeanly(script: string, args: readonly string[]): void {
  if (process.env[MARK] !== undefined || typeof process.execve !== 'function') {
    return
  }
  const env = {
    ...ENVIRONMENT,
    NODE_COMPILE_CACHE: join(cacheFolder(process.env), 'worksight', 'compiled'),
    ...process.env,
    [MARK]: 'yes',
  } as Record<string, string>
  process.execve(
    process.execPath,
    [process.execPath, ...FLAGS, ...process.execArgv, script, ...args],
    env
  )
}

/** The user's own: what stands there is executed, so it is never a folder that others can write. */
function cacheFolder(env: NodeJS.ProcessEnv): string {
  return process.platform === 'darwin'
    ? join(homedir(), 'Library', 'Caches')
    : env.XDG_CACHE_HOME || join(homedir(), '.cache')
}
