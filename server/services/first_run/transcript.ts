/** The lines that `node ace up` prints: one a step, so that a newcomer sees where it stands. */
export const transcript = {
  title(version: string, isFirst: boolean) {
    write(`\n  WorkSight ${version} — ${isFirst ? 'first start on this machine' : 'starting'}\n\n`)
  },
  done(label: string, detail: string, startedAt?: number) {
    const time = startedAt === undefined ? '' : seconds(Date.now() - startedAt)
    write(`  ✔ ${label.padEnd(22)}${detail.padEnd(48)}${time}\n`)
  },
  note(label: string, detail: string) {
    write(`  ! ${label.padEnd(22)}${detail}\n`)
  },
  fail(sentence: string, details: readonly string[] = []) {
    write(`\n  ✖ ${sentence}\n${details.map((line) => `    ${line}\n`).join('')}\n`)
  },
  fact(label: string, detail: string) {
    write(`  ${label.padEnd(10)}${detail}\n`)
  },
  blank() {
    write('\n')
  },
}

function write(text: string) {
  process.stderr.write(text)
}

function seconds(milliseconds: number) {
  return milliseconds < 1000
    ? `${(milliseconds / 1000).toFixed(1)} s`
    : `${Math.round(milliseconds / 1000)} s`
}
