/** What a panel that refreshes itself must not do: hold another page, or be old without saying so. */
const note = document.querySelector('[data-stale]')

const say = (isStale) => {
  if (note) {
    note.hidden = !isStale
  }
}

/** The server leads elsewhere when the session is over; then the whole page has to follow. */
document.addEventListener('htmx:before:response', (event) => {
  if (event.detail.ctx.response.raw.redirected) {
    event.preventDefault()
    window.location.reload()
  }
})

document.addEventListener('htmx:response:error', () => say(true))
document.addEventListener('htmx:error', () => say(true))
document.addEventListener('htmx:after:request', ({ detail }) => {
  if (detail.ctx.response.raw.ok) {
    say(false)
  }
})

/** A picture whose file is gone says so in its place. */
const mark = (image) => image.closest('.shot')?.setAttribute('data-missing', '')

document.addEventListener(
  'error',
  ({ target }) => target instanceof HTMLImageElement && mark(target),
  true
)

for (const image of document.querySelectorAll('.shot img')) {
  if (image.complete && image.currentSrc && image.naturalWidth === 0) {
    mark(image)
  }
}
