import type { CheckStep } from '#services/storage/disk'

/** One step of a check as a line of a terminal. */
export function lineOf({ step, isOk, sentence }: CheckStep): string {
  return `${isOk ? '✔' : '✖'} ${step.padEnd(26)} ${sentence}\n`
}

/** Steps as the commands' JSON has them. */
export function checkJson(steps: readonly CheckStep[]) {
  return steps.map(({ step, isOk, sentence }) => ({ step, ok: isOk, sentence }))
}
