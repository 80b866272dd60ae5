import { tinykeys } from 'tinykeys'

/** The live wall: its size, full screen, and a hand that holds it while one looks. */
const wall = document.querySelector('[data-wall]')

if (wall) {
  const hold = document.querySelector('[data-wall-hold]')
  const sizes = ['s', 'm', 'l']
  let isHeld = false

  const isBusy = ({ target }) =>
    target instanceof Element && target.closest('input, select, button, a, dialog[open]') !== null

  const toggle = () => {
    isHeld = !isHeld
    hold?.setAttribute('aria-pressed', String(isHeld))
    if (hold) {
      hold.textContent = isHeld ? 'Held: go on' : 'Hold'
    }
    if (!isHeld) {
      document.body.dispatchEvent(new CustomEvent('ws:agent'))
    }
  }

  const resize = (step) => () => {
    const size = sizes[sizes.indexOf(wall.dataset.wall) + step]
    document.querySelector(`[data-wall-size="${size}"]`)?.click()
  }

  const fill = () =>
    document.fullscreenElement ? document.exitFullscreen() : wall.requestFullscreen()

  document.addEventListener('htmx:before:request', (event) => {
    if (isHeld && event.detail.ctx.sourceElement === wall) {
      event.preventDefault()
    }
  })

  if (hold) {
    hold.hidden = false
    hold.addEventListener('click', toggle)
  }

  const awake = (work) => (event) => {
    if (!isBusy(event)) {
      event.preventDefault()
      work()
    }
  }
  tinykeys(window, {
    'f': awake(fill),
    '+': awake(resize(1)),
    'Shift++': awake(resize(1)),
    '-': awake(resize(-1)),
    'Space': awake(toggle),
  })
}
