/**
 * Plays the segments of a recording as one: the list of segments is the playlist, the bar its whole
 * length. Moments are milliseconds since 1970, as on every lane.
 */
const player = document.querySelector('[data-player]')

function play(root) {
  const video = root.querySelector('[data-video]')
  const bar = root.querySelector('[data-bar]')
  const line = root.querySelector('[data-position]')
  const now = root.querySelector('[data-now]')
  const skip = root.querySelector('[data-skip]')
  const from = Number(root.dataset.from)
  const until = Number(root.dataset.until)
  const segments = [...document.querySelectorAll('[data-source]')].map((link) => ({
    link,
    source: link.getAttribute('href'),
    from: Number(link.dataset.from),
    until: Number(link.dataset.until),
  }))
  const events = [...document.querySelectorAll('[data-moment]')]
  const idle = [...root.querySelectorAll('[data-idle]')].map((mark) => {
    const start = from + (parseFloat(mark.getAttribute('x')) / 100) * (until - from)
    const length = (parseFloat(mark.getAttribute('width')) / 100) * (until - from)
    return { from: start, until: start + length }
  })
  const clock = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone: root.dataset.zone,
  })
  let current = 0
  let speed = 1

  const moment = () => segments[current].from + video.currentTime * 1000

  function show() {
    const at = moment()
    const x = `${(((at - from) / (until - from)) * 100).toFixed(3)}%`
    line.setAttribute('x1', x)
    line.setAttribute('x2', x)
    line.setAttribute('visibility', 'visible')
    now.textContent = clock.format(at)
    bar.setAttribute('aria-valuenow', String(Math.round(at)))
    bar.setAttribute('aria-valuetext', clock.format(at))
    segments.forEach(({ link }, index) => {
      link.toggleAttribute('aria-current', index === current)
    })
    for (const event of events) {
      const isNow = Number(event.dataset.moment) <= at && at < Number(event.dataset.until)
      event.toggleAttribute('aria-current', isNow)
    }
  }

  /** Goes to a moment; one that lies between segments becomes the beginning of the next one. */
  function seek(at, isPlaying = !video.paused) {
    const found = segments.findIndex((segment) => at < segment.until)
    const index = found < 0 ? segments.length - 1 : found
    const segment = segments[index]
    const seconds = Math.max(0, Math.min(at, segment.until - 100) - segment.from) / 1000
    const go = () => {
      video.currentTime = seconds
      video.playbackRate = speed
      if (isPlaying) {
        video.play().catch(() => {})
      }
      show()
    }
    if (index === current && video.readyState > 0) {
      go()
    } else {
      current = index
      video.src = segment.source
      video.addEventListener('loadedmetadata', go, { once: true })
    }
  }

  video.addEventListener('ended', () => {
    if (current + 1 < segments.length) {
      seek(segments[current + 1].from, true)
    }
  })
  video.addEventListener('timeupdate', () => {
    show()
    const pause =
      skip.checked && idle.find((span) => span.from <= moment() && moment() < span.until)
    if (pause && pause.until < until) {
      seek(pause.until)
    }
  })

  const jump = (seconds) => seek(moment() + seconds * 1000)
  root.addEventListener('click', async ({ target }) => {
    const jumper = target.closest('[data-jump]')
    if (jumper) {
      jump(Number(jumper.dataset.jump))
    } else if (target.closest('[data-share]')) {
      const address = new URL(window.location.href)
      address.searchParams.set('t', String(Math.round((moment() - from) / 1000)))
      window.history.replaceState(null, '', address)
      root.querySelector('[data-share-label]').textContent = 'The address now leads here'
    }
  })
  bar.addEventListener('click', ({ clientX }) => {
    const box = bar.getBoundingClientRect()
    seek(from + ((clientX - box.left) / box.width) * (until - from))
  })
  bar.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -10, ArrowRight: 10 }[event.key]
    if (step) {
      event.preventDefault()
      event.stopPropagation()
      jump(step)
    }
  })
  root.querySelector('[data-speed]').addEventListener('change', ({ target }) => {
    speed = Number(target.value)
    video.playbackRate = speed
  })
  document.addEventListener('click', (event) => {
    const link =
      event.target instanceof Element && event.target.closest('[data-source], [data-moment]')
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault()
      seek(Number(link.dataset.from ?? link.dataset.moment))
    }
  })
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target.closest('input, textarea, select, button, a, video, dialog[open]')
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) {
      return
    }
    const works = {
      ' ': () => (video.paused ? video.play() : video.pause()),
      'j': () => jump(-10),
      'l': () => jump(10),
      ',': () => jump(-0.5),
      '.': () => jump(0.5),
      's': () => skip.click(),
    }
    if (works[event.key]) {
      event.preventDefault()
      works[event.key]()
    }
  })

  root.querySelector('[data-controls]').hidden = false
  const attributes = {
    'role': 'slider',
    'tabindex': '0',
    'aria-label': 'Position in the recording',
    'aria-valuemin': String(from),
    'aria-valuemax': String(until),
    'aria-valuenow': String(from),
    'aria-valuetext': clock.format(from),
  }
  for (const [name, value] of Object.entries(attributes)) {
    bar.setAttribute(name, value)
  }
  const start = Number(new URLSearchParams(window.location.search).get('t'))
  if (Number.isFinite(start) && start > 0) {
    seek(from + start * 1000, false)
  }
}

if (player) {
  play(player)
}
