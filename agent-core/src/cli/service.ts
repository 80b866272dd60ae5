import { join } from 'node:path'
import { homedir } from 'node:os'
import type { Command } from 'commander'
import type { Context } from './context.ts'
import type { Does } from './program.ts'

const AGENT = join(import.meta.dirname, '../../bin/agent.ts')

/** `service install --print`: how the agent is started with the session of its user. */
export function serviceCommand(program: Command, does: Does): void {
  program
    .command('service')
    .description('how the agent starts with your session')
    .command('install')
    .description('shows the unit of systemd; you write it')
    .requiredOption('--print', 'shows the unit and writes nothing')
    .action(does(async (context: Context) => service(context)))
}

function service(context: Context): number {
  const path = join(homedir(), '.config/systemd/user/worksight-agent.service')
  const unit = unitOf(context)
  context.out.data(unit, { path, unit })
  context.out.say(
    `Write it to ${path}, then: systemctl --user daemon-reload && systemctl --user enable --now worksight-agent`
  )
  return 0
}

/** Starts again after a crash, not after a stop or where a person must do something first (2, 3, 4, 8, 9). */
function unitOf({ dataDir, flags }: Context): string {
  const where = flags.config === undefined ? [] : ['--config', flags.config]
  const site = flags.site === undefined ? [] : ['--site', flags.site]
  const command = [process.execPath, AGENT, 'run', '--data-dir', dataDir, ...site, ...where]
  return [
    '[Unit]',
    'Description=WorkSight agent: shows openly how work goes on this machine',
    'PartOf=graphical-session.target',
    'After=graphical-session.target',
    '',
    '[Service]',
    `ExecStart=${command.map(quoted).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=10',
    'RestartPreventExitStatus=2 3 4 8 9',
    'TimeoutStopSec=10',
    'UMask=0077',
    '',
    '[Install]',
    'WantedBy=graphical-session.target',
    '',
  ].join('\n')
}

/** A word as systemd reads it: quoted, with its own characters and specifiers escaped. */
function quoted(word: string): string {
  const escaped = word.replace(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')
  return `"${escaped}"`
}
