/** Words that would do harm where they are not just text. */
export const HOSTILE = [
  '<script>window.harmed = true</script>',
  '"><img src=x onerror="window.harmed = true">',
  "'; window.harmed = true; //",
  '</td></table><script>window.harmed = true</script>',
  '{{ process.env }}',
  '{{{ 1 + 1 }}}',
  '@if(true)',
  '@include("pages/errors/500")',
  '@{{ 7 * 7 }}',
  '${7 * 7}',
  '<svg onload=window.harmed=true>',
  'javascript:window.harmed=true',
  '=HYPERLINK("http://example.test")',
  '+1+1',
  '-1+1',
  '@SUM(A1)',
  '\u202Egnp.exe',
  '\u200F\u202Bשלום\u202C',
  'مرحبا <b>x</b>',
  '&lt;script&gt;',
  '&amp;amp;',
  '\u0000\u0007bell',
  'a'.repeat(1024),
  `Z${'\u0301'.repeat(1000)}`,
  '👩‍👩‍👧‍👦 <i>family</i>',
] as const

/** What stands around them, so that none is where the others are. */
const AROUND: readonly ((word: string) => string)[] = [
  (word) => word,
  (word) => `"${word}"`,
  (word) => `${word}<!-- ${word}`,
  (word) => `</script>${word}`,
  (word) => `]]>${word}`,
  (word) => `\t${word}`,
  (word) => `${word}\u2028${word}`,
  (word) => `--><textarea>${word}`,
]

/** 200 titles of windows, no two the same, each as long as a title may be at the most. */
export function hostileTitles(): string[] {
  return AROUND.flatMap((around) => HOSTILE.map(around)).map(
    (title, index) => `${title.slice(0, 1000)} #${index}`
  )
}
