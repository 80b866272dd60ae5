// Before the first paint: the theme that was chosen, else the system's.
{
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const show = () => {
    const chosen = document.documentElement.dataset.theme
    const isDark = chosen ? chosen === 'dark' : dark.matches
    document.documentElement.classList.toggle('dark-mode', isDark)
  }
  dark.addEventListener('change', show)
  show()
}
