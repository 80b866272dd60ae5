/** Why `node ace up` cannot go on: a sentence that says what to do, and the exit code. */
export class StartFailure extends Error {
  readonly exitCode: number
  readonly details: readonly string[]

  constructor(sentence: string, exitCode: number, details: readonly string[] = []) {
    super(sentence)
    this.exitCode = exitCode
    this.details = details
  }
}
