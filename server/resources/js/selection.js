/** Several screenshots of the grid are chosen by mouse (Shift for a range) or by x, Shift+x and Delete. */
const form = document.getElementById('selection')
let last = null

const boxes = () => [...document.querySelectorAll('[data-select]')]

function tell() {
  const count = boxes().filter(({ checked }) => checked).length
  form.toggleAttribute('data-idle', count === 0)
  form.querySelector('[data-selected]').textContent =
    count === 0 ? 'Nothing is selected. A box or x selects, with Shift up to here.' : `${count} selected`
}

function choose(box, isRange) {
  const all = boxes()
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b)
  if (isRange && from >= 0) {
    all.slice(from, to + 1).forEach((each) => (each.checked = box.checked))
  }
  last = box
  tell()
}

function boxInFocus() {
  const item = document.activeElement?.closest('.shots li')
  return item?.querySelector('[data-select]')
}

const isTyping = ({ target }) =>
  target instanceof Element &&
  target.closest('input:not([data-select]), textarea, select, dialog[open], .pswp') !== null

if (form) {
  tell()
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.matches('[data-select]')) {
      choose(event.target, event.shiftKey)
    }
  })
  document.addEventListener('keydown', (event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) {
      return
    }
    const box = boxInFocus()
    if (event.key.toLowerCase() === 'x' && box) {
      event.preventDefault()
      box.checked = event.shiftKey ? (last?.checked ?? true) : !box.checked
      choose(box, event.shiftKey)
    } else if (event.key === 'Delete' && !form.hasAttribute('data-idle')) {
      event.preventDefault()
      form.querySelector('[name=reason]').focus()
    }
  })
}
