/** Seconds that are to be waited, in `data-counts`, counted down by the clock; then it says that they are over. */
for (const element of document.querySelectorAll('[data-counts]')) {
  const until = Date.now() + Number(element.dataset.counts) * 1000
  const timer = setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000)
    if (left > 0) {
      element.textContent = left < 120 ? `${left}\u00a0s` : `${Math.ceil(left / 60)}\u00a0minutes`
    } else {
      clearInterval(timer)
      element.parentElement.textContent = 'Try again now.'
    }
  }, 500)
}
