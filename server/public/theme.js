// Runs before the first paint: follows the system where the person chose no theme.
if (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches) {
  document.documentElement.classList.add('dark')
}
