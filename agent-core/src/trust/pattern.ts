/**
 * Text as patterns compare it: compatibility forms and case do not count. Upper case, because lower
 * case depends on the neighbours of a letter (the Greek final sigma).
 */
export function folded(text: string): string {
  return text.normalize('NFKC').toUpperCase()
}

/**
 * Compiles a pattern: `*` stands for anything, also nothing; everything else for itself, whatever its
 * case. The whole subject has to match. The subject is given folded. There is no backtracking: each
 * piece is looked for once, from where the last one ended.
 */
export function compilePattern(pattern: string): (foldedSubject: string) => boolean {
  const [first = '', ...pieces] = pattern.split('*').map(folded)
  const last = pieces.pop()
  if (last === undefined) {
    return (subject) => subject === first
  }
  const middle = pieces.filter((piece) => piece !== '')
  const shortest = middle.reduce((sum, piece) => sum + piece.length, first.length + last.length)
  return (subject) => {
    if (subject.length < shortest || !subject.startsWith(first) || !subject.endsWith(last)) {
      return false
    }
    const end = subject.length - last.length
    let from = first.length
    for (const piece of middle) {
      const at = subject.indexOf(piece, from)
      if (at < 0 || at + piece.length > end) {
        return false
      }
      from = at + piece.length
    }
    return true
  }
}
