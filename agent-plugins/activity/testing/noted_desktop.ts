import type { Desktop } from '../desktop.ts'

/** One look that was answered: when (milliseconds since 1970), and the title in front. */
export type NotedLook = { readonly at: number; readonly title: string | null }

/**
 * A desktop whose looks are noted in `looks`, so that a spec can say what an event must be from what was
 * seen, however late a busy machine looked.
 */
export function notedDesktop(desktop: Desktop, looks: NotedLook[]): Desktop {
  return {
    name: desktop.name,
    async look(signal) {
      const look = await desktop.look(signal)
      looks.push({ at: Date.now(), title: look.window?.title ?? null })
      return look
    },
    close: () => desktop.close(),
  }
}

/** When each window came to the front and went, as the looks bound it. */
export type FrontSpan = {
  readonly title: string
  readonly from: readonly [least: number, most: number]
  readonly until: readonly [least: number, most: number]
}

/** The times in which one title was in front, each of its ends between the looks around it. */
export function frontSpans(looks: readonly NotedLook[]): FrontSpan[] {
  const at = (index: number) => looks[Math.min(Math.max(index, 0), looks.length - 1)]?.at ?? 0
  const spans: FrontSpan[] = []
  for (let first = 0; first < looks.length; ) {
    const title = looks[first]?.title ?? null
    let last = first
    while (last + 1 < looks.length && looks[last + 1]?.title === title) {
      last += 1
    }
    if (title !== null) {
      const until = [at(last), last + 1 < looks.length ? at(last + 2) : Infinity] as const
      spans.push({ title, from: [at(first - 1), at(first + 1)], until })
    }
    first = last + 1
  }
  return spans
}
