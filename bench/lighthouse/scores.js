/**
 * Scores of pages by Lighthouse, 0 to 100, as one JSON document. Takes one: `chromium`, its path, `cookie`, which
 * every request carries, and `addresses`.
 */
import { launch } from 'chrome-launcher'
import lighthouse, { desktopConfig } from 'lighthouse'

const CATEGORIES = ['performance', 'accessibility', 'best-practices']

const { chromium, cookie, addresses } = JSON.parse(process.argv[2])
const chrome = await launch({
  chromePath: chromium,
  chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu'],
})
try {
  const scores = []
  for (const address of addresses) {
    const { lhr } = await lighthouse(
      address,
      {
        port: chrome.port,
        logLevel: 'error',
        onlyCategories: CATEGORIES,
        extraHeaders: { Cookie: cookie },
      },
      desktopConfig
    )
    scores.push({
      address: lhr.finalDisplayedUrl,
      ...Object.fromEntries(
        CATEGORIES.map((name) => [name, Math.round((lhr.categories[name]?.score ?? 0) * 100)])
      ),
    })
  }
  process.stdout.write(`${JSON.stringify(scores)}\n`)
} finally {
  await chrome.kill()
}
