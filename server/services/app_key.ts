/** The shortest key that is taken, in characters. */
const SHORTEST = 24

/** Different characters that a random key of that length has at least. */
const VARIETY = 10

/** Words of documentation and of keyboards, which no random key has. */
const SAMPLE = /change.?me|replace|example|sample|secret|password|your.?(app.?)?key|qwerty/i

/** What is wrong with a key, as the end of a sentence that begins with its name; null when it is fit. */
export function weaknessOfKey(key: string): string | null {
  if (key.length < SHORTEST) {
    return `has ${key.length} characters, and needs ${SHORTEST} at least`
  }
  if (SAMPLE.test(key)) {
    return 'is a sample, which everybody knows'
  }
  if (new Set(key).size < VARIETY) {
    return 'repeats a few characters, and can be guessed'
  }
  return null
}
