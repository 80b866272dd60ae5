/**
 * A list that must not move under its reader: at its top it takes what is new, further down a pill
 * says how much there is.
 */
const TOP_PX = 160

const list = document.querySelector('[data-fresh]')
const pill = document.querySelector('[data-news]')
const watched = JSON.parse(list?.dataset.fresh || '[]')
let waiting = 0

const isReading = () =>
  window.scrollY > TOP_PX || document.querySelector('.pswp, dialog[open], [data-select]:checked') !== null

function take() {
  waiting = 0
  pill.hidden = true
  list.dispatchEvent(new CustomEvent('fresh'))
}

/** `detail` is what the server said; it is null when the page only asks whether it missed something. */
function hear({ detail }) {
  if (detail && watched.length > 0 && !watched.includes(detail.agent)) {
    return
  }
  if (!isReading()) {
    take()
  } else if (detail) {
    waiting += 1
    pill.hidden = false
    pill.querySelector('[data-news-text]').textContent = `${waiting} new`
  }
}

if (list && pill) {
  document.body.addEventListener('ws:screenshot', hear)
  pill.addEventListener('click', () => {
    window.scrollTo({ top: 0 })
    take()
  })
}
