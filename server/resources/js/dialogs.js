/** `data-opens="id"` opens a dialog; `data-closes` closes the one it is in. */
document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element)) {
    return
  }
  const opener = target.closest('[data-opens]')
  if (opener) {
    document.getElementById(opener.dataset.opens)?.showModal()
  } else if (target.closest('[data-closes]')) {
    target.closest('dialog')?.close()
  }
})
