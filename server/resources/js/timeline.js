/**
 * The chart of a day comes drawn from the server; here it gets a cursor, a preview, zoom and keys. What
 * it says is read from the table beneath it.
 */
const MINUTE = 60_000
const STEP_MS = 5 * MINUTE
const NEAR_MS = 10 * MINUTE

const chart = () => document.querySelector('[data-timeline]')
const part = (name) => chart()?.querySelector(`[data-${name}]`)

let shown = null
let cursor = null
let dragFrom = null
let selection = null

const axis = () => ({ from: Number(chart().dataset.from), until: Number(chart().dataset.until) })
const share = (at) => (at - axis().from) / (axis().until - axis().from)
const percent = (value) => `${(value * 100).toFixed(3)}%`

const clock = (at) =>
  new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    timeZone: chart().dataset.zone,
  }).format(at)

/** The moment under a pointer. */
function momentAt(clientX) {
  const box = part('lanes').getBoundingClientRect()
  const { from, until } = shown ?? axis()
  const at = from + ((clientX - box.left) / box.width) * (until - from)
  return Math.min(until, Math.max(from, at))
}

/** What the table says of a moment, a lane after the other. */
function textAt(at) {
  return [...document.querySelectorAll('[data-day-table] tr[data-from]')]
    .filter(({ dataset }) => Number(dataset.from) <= at && at < Number(dataset.until))
    .map((row) => [row.cells[3].textContent, row.cells[4].textContent].filter(Boolean).join(': '))
    .join(' · ')
}

function shots() {
  return [...document.querySelectorAll('#day a.shot[data-at]')]
}

function nearestShot(at) {
  return shots().reduce(
    (best, shot) =>
      best && Math.abs(best.dataset.at - at) <= Math.abs(shot.dataset.at - at) ? best : shot,
    null
  )
}

/** Puts the cursor of the page at a moment; the player hears of it too. */
function moveCursor(at) {
  const { from, until } = shown ?? axis()
  cursor = Math.min(until, Math.max(from, at))
  const line = part('cursor')
  line.setAttribute('x1', percent(share(cursor)))
  line.setAttribute('x2', percent(share(cursor)))
  line.setAttribute('visibility', 'visible')
  const lanes = part('lanes')
  lanes.setAttribute('aria-valuenow', String(Math.round(cursor)))
  lanes.setAttribute('aria-valuetext', `${clock(cursor)}. ${textAt(cursor) || 'Nothing known'}`)
  document.dispatchEvent(new CustomEvent('ws:cursor', { detail: { at: cursor } }))
}

function preview(at, clientX) {
  const box = part('preview')
  const shot = nearestShot(at)
  const picture = part('preview-picture')
  const isNear = shot && Math.abs(shot.dataset.at - at) < NEAR_MS
  picture.hidden = !isNear
  if (isNear) {
    const source = shot.querySelector('img').getAttribute('src')
    if (picture.getAttribute('src') !== source) {
      picture.setAttribute('src', source)
    }
  }
  part('preview-time').textContent = clock(at)
  part('preview-text').textContent = textAt(at) || 'Nothing known'
  box.hidden = false
  const lanes = part('lanes').getBoundingClientRect()
  const left = Math.min(lanes.width - box.offsetWidth, Math.max(0, clientX - lanes.left - 40))
  box.style.left = `${left}px`
}

function zoomTo(span) {
  const whole = axis()
  const isWhole = !span || span.until - span.from >= whole.until - whole.from
  shown = isWhole ? null : span
  const { from, until } = shown ?? whole
  const factor = (whole.until - whole.from) / (until - from)
  const zoomable = part('zoomable')
  zoomable.setAttribute('width', percent(factor))
  zoomable.setAttribute('x', percent(-share(from) * factor))
  part('lanes').toggleAttribute('data-zoomed', !isWhole && until - from < 4 * 60 * MINUTE)
  select(null)
}

function zoomBy(factor) {
  const whole = axis()
  const { from, until } = shown ?? whole
  const middle = cursor !== null && cursor >= from && cursor <= until ? cursor : (from + until) / 2
  const half = Math.max(10 * MINUTE, ((until - from) * factor) / 2)
  const start = Math.max(whole.from, middle - half)
  zoomTo({ from: start, until: Math.min(whole.until, start + 2 * half) })
}

function select(span) {
  selection = span
  const box = part('selection')
  box.setAttribute('visibility', span ? 'visible' : 'hidden')
  if (span) {
    box.setAttribute('x', percent(share(span.from)))
    box.setAttribute('width', percent(share(span.until) - share(span.from)))
  }
}

/** Opens the screenshot nearest to a moment: in the lightbox when it is on the page. */
function openAt(at) {
  const shot = nearestShot(at)
  if (shot) {
    shot.click()
  } else {
    window.location.assign(`${chart().dataset.nearest}?at=${Math.round(at)}`)
  }
}

function step(direction) {
  const times = shots().map(({ dataset }) => Number(dataset.at))
  const from = cursor ?? axis().from
  const next =
    direction > 0 ? times.find((at) => at > from + 1) : times.findLast((at) => at < from - 1)
  if (next !== undefined) {
    moveCursor(next)
    part('lanes').focus({ preventScroll: true })
  }
}

const keys = {
  'ArrowLeft': () => moveCursor((cursor ?? axis().from) - STEP_MS),
  'ArrowRight': () => moveCursor((cursor ?? axis().from) + STEP_MS),
  'Home': () => moveCursor(axis().from),
  'End': () => moveCursor(axis().until),
  'Enter': () => openAt(cursor ?? axis().from),
  '+': () => zoomBy(0.5),
  '-': () => zoomBy(2),
}

const pageKeys = {
  '.': () => step(1),
  ',': () => step(-1),
  'z': () => (selection ? zoomTo(selection) : zoomBy(0.5)),
  '0': () => zoomTo(null),
  'v': () => document.querySelector('[data-day-table]')?.toggleAttribute('open'),
  't': () => document.querySelector('[data-today]')?.click(),
}

const isTyping = (target) =>
  target instanceof Element &&
  target.closest('input, textarea, select, dialog[open], .pswp') !== null

let afterG = -Infinity

document.addEventListener('keydown', (event) => {
  if (!chart() || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) {
    return
  }
  const isAfterG = event.timeStamp - afterG < 1000
  afterG = event.key === 'g' ? event.timeStamp : -Infinity
  const work = isAfterG ? null : pageKeys[event.key]
  if (work) {
    event.preventDefault()
    work()
  }
})

/** Gives a chart that was just put into the page what the server does not draw. */
function dress() {
  const lanes = part('lanes')
  if (!lanes) {
    return
  }
  const { from, until } = axis()
  const attributes = {
    'role': 'slider',
    'tabindex': '0',
    'aria-label': 'Cursor of the timeline. Enter opens the nearest screenshot.',
    'aria-orientation': 'horizontal',
    'aria-valuemin': String(from),
    'aria-valuemax': String(until),
    'aria-valuenow': String(Math.round(cursor ?? from)),
    'aria-valuetext': cursor === null ? 'No moment chosen' : lanes.getAttribute('aria-valuetext'),
  }
  for (const [name, value] of Object.entries(attributes)) {
    lanes.setAttribute(name, value)
  }
  chart().parentElement.querySelector('[data-zoom-buttons]')?.removeAttribute('hidden')
  zoomTo(shown)
  if (cursor !== null) {
    moveCursor(cursor)
  }
}

const inLanes = (event) =>
  event.target instanceof Element && event.target.closest('[data-lanes]') !== null

document.addEventListener('pointermove', (event) => {
  if (!chart()) {
    return
  }
  if (dragFrom === null && !inLanes(event)) {
    part('preview').hidden = true
    return
  }
  const at = momentAt(event.clientX)
  preview(at, event.clientX)
  if (dragFrom !== null && Math.abs(at - dragFrom) > MINUTE) {
    select({ from: Math.min(at, dragFrom), until: Math.max(at, dragFrom) })
  }
})

document.addEventListener('pointerdown', (event) => {
  if (chart() && inLanes(event) && event.button === 0) {
    dragFrom = momentAt(event.clientX)
    select(null)
  }
})

document.addEventListener('pointerup', (event) => {
  if (dragFrom !== null) {
    dragFrom = null
    if (!selection && inLanes(event)) {
      moveCursor(momentAt(event.clientX))
      openAt(cursor)
    }
  }
})

document.addEventListener(
  'keydown',
  (event) => {
    const work = inLanes(event) && !isTyping(event.target) ? keys[event.key] : null
    if (work) {
      event.preventDefault()
      event.stopImmediatePropagation()
      work()
    }
  },
  true
)

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element && target.closest('[data-zoom]')
  if (button) {
    const works = { in: () => zoomBy(0.5), out: () => zoomBy(2), reset: () => zoomTo(null) }
    works[button.dataset.zoom]()
  }
})

document.addEventListener('change', ({ target }) => {
  if (target instanceof HTMLInputElement && target.matches('[data-submits]') && target.value) {
    target.form.requestSubmit()
  }
})

document.addEventListener('htmx:after:swap', dress)
dress()
