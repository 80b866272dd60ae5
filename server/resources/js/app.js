import '@github/relative-time-element'
import 'htmx.org'
import './dialogs.js'
import './gallery.js'
import './keys.js'
import './live.js'

document.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element && target.closest('[data-copy]')
  if (button) {
    await navigator.clipboard.writeText(button.dataset.copy)
    button.querySelector('[data-copy-label]').textContent = 'Copied'
  }
})

document.querySelector('[aria-invalid="true"]')?.focus()
