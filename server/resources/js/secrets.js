/** `data-reveals="id"` shows what is typed into a field of a password, and hides it again; it is sent hidden. */
const buttons = document.querySelectorAll('[data-reveals]')

function show(button, isShown) {
  document.getElementById(button.dataset.reveals).type = isShown ? 'text' : 'password'
  button.setAttribute('aria-pressed', String(isShown))
}

for (const button of buttons) {
  button.hidden = false
  button.addEventListener('click', () =>
    show(button, button.getAttribute('aria-pressed') === 'false')
  )
  button.form?.addEventListener('submit', () => show(button, false))
}
