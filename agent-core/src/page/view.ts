import type { PluginState } from '../../contract/heartbeat.ts'
import type { Observation } from '../observation.ts'
import type { ExclusionSource, Exclusions } from '../trust/exclusions.ts'
import type { JournalEntry } from '../trust/journal.ts'
import type { PendingItem } from '../trust/review.ts'
import type { PauseReport } from '../trust/pause.ts'
import { observing } from '../trust/observing.ts'
import { html, type Html } from './html.ts'

/** Everything the page shows. Times are milliseconds since 1970. */
export type PageView = PauseReport & {
  readonly now: number
  readonly agent: string
  readonly person: string | null
  readonly server: string | null
  readonly site: string
  readonly version: string
  readonly startedAt: number
  readonly isWithinHours: boolean
  readonly hours: string
  readonly indicators: readonly string[]
  readonly notice: {
    readonly version: number
    readonly language: string
    readonly text: string
    readonly sha256: string
    /** Whether nothing waits for the person to read it. */
    readonly acknowledged: boolean
    /** Whether a notice was acknowledged that covers what is in force. */
    readonly coversPolicy: boolean
  }
  readonly collectors: readonly Collector[]
  /** Captures that wait for the person, oldest first. */
  readonly pending: readonly PendingItem[]
  readonly pictures: readonly JournalEntry[]
  readonly entries: readonly JournalEntry[]
  readonly exclusions: ReturnType<Exclusions['list']>
}

/** A part that looks at something: what, how often, how it is, when it last and next does. */
export type Collector = {
  readonly name: string
  readonly collects: string
  readonly every: string | null
  readonly state: PluginState
  readonly reason: string | null
  readonly lastAt: number | null
  readonly nextAt: number | null
}

/** What the page says at its top, once. */
export type Message = { readonly kind: 'done' | 'refused'; readonly text: string }

/** Entries that one page lists; the rest are counted. */
const LISTED = 200
const MINUTE = 60_000

/** The whole page. It needs no script. */
export function pageOf(view: PageView, message: Message | null): string {
  const who = view.person ?? view.agent
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>WorkSight on ${view.agent}</title>
        <link rel="stylesheet" href="style.css" />
        <link rel="icon" href="icon.svg" />
      </head>
      <body>
        <header>
          <p>WorkSight ${view.version} runs openly for ${who} on ${view.agent}.</p>
          <nav aria-label="Sections">
            <a href="#now">Now</a> <a href="#pictures">Pictures</a> <a href="#sent">Sent</a>
            <a href="#exclusions">Exclusions</a> <a href="#notice">Notice</a>
          </nav>
        </header>
        <main>
          ${message === null
            ? null
            : html`<p class="message ${message.kind}" role="status">${message.text}</p>`}
          ${now(view)} ${pending(view)} ${pictures(view)} ${sent(view)} ${exclusions(view)}
          ${notice(view)}
        </main>
        <footer>
          <p>
            This page exists on this machine only. It shows what this agent took since
            ${time(view.startedAt)}, and keeps nothing of it.
          </p>
        </footer>
      </body>
    </html>`.text
}

function now(view: PageView): Html {
  return html`<section id="now" aria-labelledby="now-title">
    <h1 id="now-title">${headline(view)}</h1>
    <p>
      ${view.server === null ? 'Nothing is sent.' : `Sent to ${view.server}.`} Hours: ${view.hours}.
      Shown by: ${view.indicators.join(', ') || 'nothing, so nothing is captured'}.
      <a href="./">Look again</a>
    </p>
    <div class="actions">${pauseForms(view)}</div>
    <div class="scroll" tabindex="0" role="region" aria-label="What is looked at">
      <table>
        <caption>
          What is looked at
        </caption>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">What</th>
            <th scope="col">How it is</th>
            <th scope="col">Last</th>
            <th scope="col">Next</th>
          </tr>
        </thead>
        <tbody>
          ${view.collectors.map(
            (one) =>
              html`<tr>
                <th scope="row">${one.name}</th>
                <td data-label="What">
                  ${one.collects}${one.every === null ? '' : `, ${one.every}`}
                </td>
                <td data-label="How it is">
                  ${STATES[one.state]}${one.reason === null ? '' : `: ${one.reason}`}
                </td>
                <td data-label="Last">${one.lastAt === null ? '–' : time(one.lastAt)}</td>
                <td data-label="Next">${one.nextAt === null ? '–' : time(one.nextAt)}</td>
              </tr>`
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function headline({ notice: { coversPolicy }, ...view }: PageView): string {
  return observing({ ...view, coversPolicy }).text
}

function pauseForms({ pause, pauseLeftMs }: PageView): Html {
  const left =
    pauseLeftMs === null
      ? null
      : html`<span>${Math.floor(pauseLeftMs / MINUTE)} min of pause left today.</span>`
  const minutes = [15, 30, 60].map(
    (count) => html`<button name="minutes" value="${count}">Pause ${count} min</button>`
  )
  return html`<form method="post" action="pause">${minutes}</form>
    <form method="post" action="private"><button>Private time</button></form>
    ${pause === null
      ? null
      : html`<form method="post" action="resume"><button class="main">Go on</button></form>`}
    ${left}`
}

function pending({ pending: items }: PageView): Html | null {
  return items.length === 0
    ? null
    : html`<section id="pending" aria-labelledby="pending-title">
        <h2 id="pending-title">Waiting for you</h2>
        <p>
          These are on this machine only. Each is sent at the time beside it, unless you take it
          back; then only that one was taken back is counted, and no time is lost.
        </p>
        <ul class="pictures">
          ${items.map(
            ({ observation: { id, kind }, heldAt, dueAt }) =>
              html`<li>
                ${kind === 'screenshot'
                  ? html`<a href="pictures/${id}"
                      ><img src="pictures/${id}" alt="Screen at ${clock(heldAt)}, waiting"
                    /></a>`
                  : html`<span>${kind}</span>`}
                ${time(heldAt)}, sent ${time(dueAt)}
                <form method="post" action="withhold">
                  <input type="hidden" name="id" value="${id}" />
                  <button aria-label="Take back ${kind} of ${clock(heldAt)}">Take back</button>
                </form>
              </li>`
          )}
        </ul>
      </section>`
}

function pictures(view: PageView): Html {
  return html`<section id="pictures" aria-labelledby="pictures-title">
    <h2 id="pictures-title">Last pictures</h2>
    ${view.pictures.length === 0
      ? html`<p>None were taken since this agent started.</p>`
      : html`<ul class="pictures">
          ${view.pictures.map(
            ({ observation, recordedAt }) =>
              html`<li>
                <a href="pictures/${observation.id}"
                  ><img src="pictures/${observation.id}" alt="Screen at ${clock(recordedAt)}"
                /></a>
                ${time(recordedAt)}
              </li>`
          )}
        </ul>`}
  </section>`
}

function sent(view: PageView): Html {
  const listed = view.entries.slice(0, LISTED)
  const rest = view.entries.length - listed.length
  return html`<section id="sent" aria-labelledby="sent-title">
    <h2 id="sent-title">Everything of the last hour</h2>
    ${listed.length === 0
      ? html`<p>Nothing yet.</p>`
      : html`<div class="scroll" tabindex="0" role="region" aria-label="List of the last hour">
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">What</th>
                <th scope="col">Bytes</th>
                <th scope="col">Where it is</th>
              </tr>
            </thead>
            <tbody>
              ${listed.map(entryRow)}
            </tbody>
          </table>
        </div>`}
    ${rest > 0 ? html`<p>And ${rest} before them.</p>` : null}
  </section>`
}

const STATES: Readonly<Record<PluginState, string>> = {
  ok: 'works',
  idle: 'idle',
  degraded: 'degraded',
  permission: 'needs a permission',
  unavailable: 'unavailable',
  failed: 'failed',
  off: 'off',
}

const PLACES = {
  accepted: 'sent',
  rejected: 'refused by the server',
  keep: 'waits',
  hold: 'waits',
  split: 'waits',
} as const

function entryRow({ observation, bytes, recordedAt, verdict }: JournalEntry): Html {
  const text = JSON.stringify(observation, null, 2)
  return html`<tr>
    <td>${time(recordedAt)}</td>
    <td>
      <details>
        <summary>${observation.kind}: ${summaryOf(observation)}</summary>
        <pre>${text}</pre>
      </details>
    </td>
    <td data-label="Bytes">${Buffer.byteLength(JSON.stringify(observation)) + bytes}</td>
    <td data-label="Where it is">
      ${verdict === null ? 'waits on this machine' : PLACES[verdict]}
    </td>
  </tr>`
}

function summaryOf(observation: Observation): string {
  switch (observation.kind) {
    case 'heartbeat':
      return observation.state
    case 'window':
      return [observation.app, observation.title].filter((part) => part !== null).join(' — ')
    case 'presence':
      return observation.state
    case 'screenshot':
    case 'recording':
      return `${observation.width} × ${observation.height} of display ${observation.display.id}`
    case 'unchanged_screen':
      return `display ${observation.display.id} shows what it showed`
    case 'gap':
      return `${observation.what}, ${observation.cause}`
    case 'eviction':
      return `${observation.evicted_kind}, ${observation.cause}`
  }
}

const SOURCES: Readonly<Record<ExclusionSource, string>> = {
  shipped: 'always',
  site: 'site',
  policy: 'policy',
  person: 'you',
}

function exclusions({ exclusions: all }: PageView): Html {
  const own = all.filter(({ source }) => source === 'person')
  const others = all.filter(({ source }) => source !== 'person')
  return html`<section id="exclusions" aria-labelledby="exclusions-title">
    <h2 id="exclusions-title">Windows that are never captured</h2>
    <form method="post" action="exclude" class="fields">
      <label>Application <input name="app" maxlength="255" autocomplete="off" /></label>
      <label>Title <input name="title" maxlength="255" autocomplete="off" /></label>
      <label>Why, for yourself <input name="reason" maxlength="120" autocomplete="off" /></label>
      <button>Add</button>
      <p>A star stands for anything: <code>*holiday*</code>. What you add stays on this machine.</p>
    </form>
    <ul>
      ${own.map(
        ({ app, title, reason }) =>
          html`<li>
            <form method="post" action="include">
              <input type="hidden" name="app" value="${app ?? ''}" />
              <input type="hidden" name="title" value="${title ?? ''}" />
              <span>${patternText(app, title)}${reason === null ? '' : ` (${reason})`}</span>
              <button>Remove</button>
            </form>
          </li>`
      )}
    </ul>
    <details>
      <summary>${others.length} that hold for everybody</summary>
      <div
        class="scroll"
        tabindex="0"
        role="region"
        aria-label="Exclusions that hold for everybody"
      >
        <table>
          <thead>
            <tr>
              <th scope="col">Window</th>
              <th scope="col">Reason</th>
              <th scope="col">Says</th>
            </tr>
          </thead>
          <tbody>
            ${others.map(
              ({ app, title, reason, source }) =>
                html`<tr>
                  <td>${patternText(app, title)}</td>
                  <td data-label="Reason">${reason ?? ''}</td>
                  <td data-label="Says">${SOURCES[source]}</td>
                </tr>`
            )}
          </tbody>
        </table>
      </div>
    </details>
  </section>`
}

function patternText(app: string | null, title: string | null): Html {
  const parts = [
    ...(app === null ? [] : [html`application <code>${app}</code>`]),
    ...(title === null ? [] : [html`title <code>${title}</code>`]),
  ]
  return html`${parts.map((part, at) => (at === 0 ? part : html`, ${part}`))}`
}

function notice({ notice: read }: PageView): Html {
  const { version, language, text, sha256, acknowledged, coversPolicy } = read
  return html`<section id="notice" aria-labelledby="notice-title">
    <h2 id="notice-title">Notice</h2>
    <pre class="notice" lang="${language}">${text}</pre>
    <p>Version ${version}, SHA-256 <code>${sha256}</code></p>
    ${acknowledged
      ? html`<p>Acknowledged on this machine.</p>`
      : html`<form method="post" action="acknowledge">
          <input type="hidden" name="sha256" value="${sha256}" />
          ${coversPolicy
            ? html`<p>
                This is new and observes more. What held before goes on until you have read it.
              </p>`
            : null}
          <button class="main">I have read this</button>
          <p>It says that you know, not that you agree.</p>
        </form>`}
  </section>`
}

function time(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${clock(at)}</time>`
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB')
}
