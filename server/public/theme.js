// Runs before the first paint: follows the system where the person chose no theme.
const root = document.documentElement
const system = matchMedia('(prefers-color-scheme: dark)')

function follow() {
  if (!root.dataset.theme) {
    root.classList.toggle('dark', system.matches)
  }
}

follow()
system.addEventListener('change', follow)
