import { Transmit } from '@adonisjs/transmit-client'

/**
 * Turns what the server broadcasts into events on `body`, `ws:screenshot`, `ws:heartbeat` …, which
 * panels listen to by `hx-trigger`. A tab that is hidden for a minute lets its stream go, because a
 * browser has six connections a host; it asks once for everything when it is seen again.
 */
const HIDDEN_MS = 60_000
const POLL_MS = 30_000
const RETRY_MS = 2000
const KINDS = ['screenshot', 'heartbeat', 'agent']
const WORDS = { live: 'Live', reconnecting: 'Reconnecting…', off: 'Off' }

const channels = JSON.parse(document.body.dataset.channels ?? '[]')
const pill = document.querySelector('[data-live]')
let transmit
let hiding
let polling
let wasAway = false

function say(state) {
  if (pill) {
    pill.dataset.state = state
    pill.textContent = WORDS[state]
  }
}

function announce(kind, detail = null) {
  document.body.dispatchEvent(new CustomEvent(`ws:${kind}`, { detail }))
}

function refresh() {
  KINDS.forEach((kind) => announce(kind))
}

function connect() {
  transmit = new Transmit({ baseUrl: window.location.origin })
  const subscriptions = channels.map((channel) => transmit.subscription(channel))
  for (const subscription of subscriptions) {
    subscription.onMessage((message) => announce(message.kind, message))
  }
  transmit.on('connected', () => {
    clearInterval(polling)
    subscribe(transmit, subscriptions)
    if (wasAway) {
      wasAway = false
      refresh()
    }
  })
  transmit.on('reconnecting', () => say('reconnecting'))
  transmit.on('disconnected', () => {
    wasAway = true
    say('reconnecting')
    clearInterval(polling)
    polling = setInterval(refresh, POLL_MS)
  })
}

/** Live is said when every channel answers; one that was cut off while it was asked is asked again. */
async function subscribe(stream, subscriptions) {
  await Promise.allSettled(subscriptions.map((subscription) => subscription.create()))
  if (stream !== transmit) {
    return
  }
  if (subscriptions.every(({ isCreated }) => isCreated)) {
    say('live')
  } else {
    setTimeout(() => subscribe(stream, subscriptions), RETRY_MS)
  }
}

function disconnect() {
  transmit?.close()
  transmit = undefined
  clearInterval(polling)
  say('off')
}

document.addEventListener('visibilitychange', () => {
  clearTimeout(hiding)
  if (document.hidden) {
    hiding = setTimeout(disconnect, HIDDEN_MS)
  } else if (!transmit) {
    connect()
    refresh()
  }
})

window.addEventListener('pagehide', () => transmit?.close())

if (channels.length > 0) {
  connect()
}
