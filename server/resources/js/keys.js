import { tinykeys } from 'tinykeys'

/** Shortcuts of every page; they sleep while one types. */
const PLACES = {
  o: '/',
  s: '/screenshots',
  a: '/agents',
  l: '/live',
  p: '/people',
  r: '/reports',
  m: '/me',
  w: '/me/access',
  t: '/transparency',
}

const isTyping = ({ target }) =>
  target instanceof Element && target.closest('input, textarea, select, dialog[open]') !== null

/** The lightbox has keys of its own. */
const isInLightbox = () => document.querySelector('.pswp') !== null

const awake = (work) => (event) => {
  if (!isTyping(event) && !isInLightbox()) {
    event.preventDefault()
    work(event)
  }
}

const follow = (selector) => () => document.querySelector(selector)?.click()

tinykeys(window, {
  '?': awake(() => document.getElementById('keys')?.showModal()),
  'Shift+?': awake(() => document.getElementById('keys')?.showModal()),
  '/': awake(() => document.querySelector('[data-filter]')?.focus()),
  'd': awake(follow('[data-theme-next]')),
  '[': awake(follow('[data-previous-person]')),
  ']': awake(follow('[data-next-person]')),
  'ArrowLeft': awake(follow('[data-earlier]')),
  'ArrowRight': awake(follow('[data-later]')),
  ...Object.fromEntries(
    Object.entries(PLACES).map(([key, place]) => [
      `g ${key}`,
      awake(() => window.location.assign(place)),
    ])
  ),
})
