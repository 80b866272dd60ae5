import type { Command } from 'commander'
import { AgentError } from '../errors.ts'
import type { Context } from './context.ts'
import type { Does } from './program.ts'

const SHELLS = ['bash', 'zsh', 'fish', 'pwsh'] as const
type Shell = (typeof SHELLS)[number]

/** `completion SHELL`: a script that lets the shell complete commands and flags. */
export function completionCommand(program: Command, does: Does): void {
  program
    .command('completion <shell>')
    .description(`a script for ${SHELLS.join(', ')}`)
    .action(does((context, shell: string) => completion(context, program, shell)))
}

async function completion(context: Context, program: Command, shell: string): Promise<number> {
  const known = SHELLS.find((name) => name === shell)
  if (known === undefined) {
    throw new AgentError(
      'E_MISSING_ANSWER',
      `Expected one of ${SHELLS.join(', ')}, found "${shell}"`
    )
  }
  const script = SCRIPTS[known](program.name(), wordsOf(program))
  context.out.data(script, { shell: known, script })
  return 0
}

/** What may follow each command: `''` is the program itself. */
type Words = ReadonlyMap<string, readonly string[]>

function wordsOf(program: Command): Words {
  const words = new Map<string, readonly string[]>()
  const visit = (command: Command, path: string) => {
    const flags = command.options.map(({ long }) => long ?? '').filter(Boolean)
    words.set(path, [...command.commands.map((one) => one.name()), ...flags, '--help'])
    command.commands.forEach((one) => visit(one, `${path} ${one.name()}`.trim()))
  }
  visit(program, '')
  return words
}

const SCRIPTS: Readonly<Record<Shell, (name: string, words: Words) => string>> = {
  bash: (name, words) =>
    [
      `_worksight_agent() {`,
      `  local word path=""`,
      `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
      `    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac`,
      `  done`,
      `  local words=""`,
      `  case "$path" in`,
      ...[...words].map(([path, next]) => `    "${path}") words="${next.join(' ')}" ;;`),
      `  esac`,
      `  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
      `}`,
      `complete -F _worksight_agent ${name}`,
    ].join('\n'),
  zsh: (name, words) =>
    [
      `#compdef ${name}`,
      `_worksight_agent() {`,
      `  local -a plain; plain=(\${\${words[2,CURRENT-1]}:#-*})`,
      `  case "\${(j: :)plain}" in`,
      ...[...words].map(([path, next]) => `    "${path}") compadd -- ${next.join(' ')} ;;`),
      `  esac`,
      `}`,
      `compdef _worksight_agent ${name}`,
    ].join('\n'),
  fish: (name, words) =>
    [...words]
      .flatMap(([path, next]) =>
        next.map((word) => {
          const condition =
            path === ''
              ? '__fish_use_subcommand'
              : path
                  .split(' ')
                  .map((part) => `__fish_seen_subcommand_from ${part}`)
                  .join('; and ')
          const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`
          return `complete -c ${name} -n "${condition}" -f ${what}`
        })
      )
      .join('\n'),
  pwsh: (name, words) =>
    [
      `Register-ArgumentCompleter -Native -CommandName ${name} -ScriptBlock {`,
      `  param($word, $line, $cursor)`,
      `  $next = @{`,
      ...[...words].map(
        ([path, next]) => `    '${path}' = @(${next.map((one) => `'${one}'`).join(', ')})`
      ),
      `  }`,
      `  $plain = $line.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" } |`,
      `    Where-Object { $_ -ne $word -and -not $_.StartsWith('-') }`,
      `  $next[($plain -join ' ')] | Where-Object { $_ -like "$word*" }`,
      `}`,
    ].join('\n'),
}
