import '@github/relative-time-element'
import 'htmx.org'
import './chart.js'
import './dialogs.js'
import './gallery.js'
import './keys.js'
import './live.js'
import './news.js'
import './palette.js'
import './panels.js'
import './player.js'
import './secrets.js'
import './selection.js'
import './timeline.js'
import './wall.js'
import './waiting.js'

document.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element && target.closest('[data-copy]')
  if (button) {
    await navigator.clipboard.writeText(button.dataset.copy)
    button.querySelector('[data-copy-label]').textContent = 'Copied'
  }
})

// On a narrow screen the places are one line: the one that one is at is seen.
document
  .querySelector('.rail nav [aria-current]')
  ?.scrollIntoView({ inline: 'center', block: 'nearest' })

document.querySelector('[data-focus], [aria-invalid="true"]')?.focus()
