/** Ctrl K: the palette asks the server while one types; arrows choose, Enter goes. */
const palette = document.getElementById('palette')
const input = palette?.querySelector('[data-palette]')

const links = () => [...palette.querySelectorAll('a')]

function choose(step) {
  const all = links()
  const current = all.findIndex((link) => link.hasAttribute('data-chosen'))
  const next = (Math.max(current, step < 0 ? 0 : -1) + step + all.length) % all.length
  all.forEach((link, index) => link.toggleAttribute('data-chosen', index === next))
  all[next]?.scrollIntoView({ block: 'nearest' })
}

function open() {
  if (!palette.open) {
    palette.showModal()
  }
  input.select()
  input.dispatchEvent(new CustomEvent('opened'))
}

document.addEventListener('keydown', (event) => {
  if (palette && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault()
    open()
  }
})

input?.addEventListener('keydown', (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step) {
    event.preventDefault()
    choose(step)
  } else if (event.key === 'Enter') {
    event.preventDefault()
    ;(palette.querySelector('a[data-chosen]') ?? links()[0])?.click()
  } else if (event.key === 'Escape') {
    event.preventDefault() // a search field would only empty itself
    palette.close()
  }
})
