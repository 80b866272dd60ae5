/** Ours as it would be without sums: what is imported first marks no hour, and nothing counts. */
import { registerHooks } from 'node:module'

const CHANGES = [
  [/rollups\/dirty\.js$/, 'function marksOf(rows) {', 'function marksOf(rows) { return [];'],
  [/rollups\/keeper\.js$/, 'note() {', 'note() { return;'],
]

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const change = CHANGES.find(([file]) => file.test(url))
    if (!change) {
      return loaded
    }
    const source = String(loaded.source)
    if (!source.includes(change[1])) {
      throw new Error(`E_BENCH: ${url} has no ${change[1]}`)
    }
    return { ...loaded, source: source.replace(change[1], change[2]) }
  },
})
