import type { Random } from '#services/demo/random'

/** Everybody of a demo has an address in this domain: that is how `demo:clear` knows them. */
export const DEMO_DOMAIN = 'demo.example'

/** How a demo person works; hours on the person's wall. */
export type Character = {
  readonly fullName: string
  readonly zone: string
  readonly formerZone: string | null
  /** Usual begin and end of work, in minutes after midnight; the end may lie in the next day. */
  readonly begin: number
  readonly end: number
  readonly trade: Trade
  readonly computers: 1 | 2
}

export type Trade = 'developer' | 'designer' | 'support' | 'accountant' | 'manager'

const KNOWN: readonly Character[] = [
  person('Dana Reyes', 'Europe/Berlin', 'developer', 530, 1090),
  { ...person('Priya Nair', 'Asia/Kolkata', 'designer', 590, 1120), computers: 2 },
  person('Jonas Weber', 'Europe/Berlin', 'support', 1320, 1800),
  {
    ...person('Amara Okafor', 'America/New_York', 'accountant', 510, 1020),
    formerZone: 'Europe/Berlin',
  },
  person('Luca Moretti', 'Europe/Rome', 'manager', 540, 1080),
]

const FIRST =
  'Ada Ben Chloe Dmitri Elif Farid Greta Hana Ivo Jana Kofi Lena Mateo Nora Omar Petra Quinn Rosa Sami Tove Umar Vera Wei Yara Zoe'.split(
    ' '
  )
const LAST =
  'Abel Brandt Costa Duarte Ekström Farkas Garcia Horvat Iversen Jansen Kaya Lindqvist Mbeki Novak Oliveira Peters Rossi Silva Tanaka Urban Vogel Wolf Yilmaz Zimmer'.split(
    ' '
  )
const ZONES = ['Europe/Berlin', 'Europe/Rome', 'America/New_York', 'Asia/Kolkata'] as const
const TRADES: readonly Trade[] = ['developer', 'designer', 'support', 'accountant', 'manager']

function person(fullName: string, zone: string, trade: Trade, begin: number, end: number) {
  return { fullName, zone, trade, begin, end, formerZone: null, computers: 1 } as const
}

/** The people of a demo: five that are always the same, then as many more as are wanted. */
export function castOf(count: number, random: Random): Character[] {
  const more = Array.from({ length: Math.max(0, count - KNOWN.length) }, (_, index) => {
    const first = FIRST[index % FIRST.length]
    const last = LAST[Math.floor(index / FIRST.length + index) % LAST.length]
    const begin = random.whole(450, 600)
    const end = begin + random.whole(480, 570)
    return person(`${first} ${last}`, random.pick(ZONES), random.pick(TRADES), begin, end)
  })
  return [...KNOWN, ...more].slice(0, count)
}

/** What is in front while a person of a trade works: how often, which application, which titles. */
export type Scene = {
  readonly weight: number
  readonly app: string
  readonly domain: string | null
  readonly titles: readonly string[]
  readonly picture: PictureKind
}

export const PICTURE_KINDS = [
  'editor',
  'terminal',
  'browser',
  'mail',
  'chat',
  'sheet',
  'canvas',
  'meeting',
] as const
export type PictureKind = (typeof PICTURE_KINDS)[number]

const scene = (
  weight: number,
  app: string,
  picture: PictureKind,
  titles: readonly string[],
  domain: string | null = null
): Scene => ({ weight, app, picture, titles, domain })

const MAIL = scene(3, 'Thunderbird', 'mail', [
  'Inbox: 12 unread',
  'Re: release on Thursday',
  'Invitation: weekly planning',
])
const CHAT = scene(3, 'Slack', 'chat', ['#general', '#release', 'Direct message'])
const CALL = scene(2, 'Zoom', 'meeting', ['Daily stand-up', 'Customer call', 'One on one'])
const NEWS = scene(1, 'Firefox', 'browser', ['Headlines of today', 'Weather'], 'news.example')
const VIDEO = scene(1, 'Firefox', 'browser', ['Ten minutes of mountains'], 'youtube.com')

const SCENES: Readonly<Record<Trade, readonly Scene[]>> = {
  developer: [
    scene(9, 'Code', 'editor', ['timeline.ts — worksight', 'spool.ts — worksight', 'README.md']),
    scene(4, 'GNOME Terminal', 'terminal', ['npm test', 'git log', 'ssh build']),
    scene(4, 'Firefox', 'browser', ['Pull request: merge by pulsetime', 'Issues'], 'github.com'),
    scene(2, 'Firefox', 'browser', ['Edge templates', 'Query builder'], 'docs.adonisjs.com'),
    MAIL,
    CHAT,
    CALL,
    NEWS,
    VIDEO,
  ],
  designer: [
    scene(10, 'Figma', 'canvas', ['Day page, second round', 'Icons', 'Colours for dark']),
    scene(3, 'Inkscape', 'canvas', ['logo.svg', 'lanes.svg']),
    scene(2, 'Firefox', 'browser', ['Contrast checker', 'Type scale'], 'webaim.org'),
    MAIL,
    CHAT,
    CALL,
    NEWS,
  ],
  support: [
    scene(
      9,
      'Firefox',
      'browser',
      ['Ticket 4127: no sound', 'Ticket 4131: printer'],
      'zendesk.com'
    ),
    scene(4, 'LibreOffice', 'sheet', ['Handover.odt', 'Known problems.ods']),
    scene(5, 'Thunderbird', 'mail', ['Re: my order', 'Re: invoice 2291', 'Inbox']),
    CHAT,
    VIDEO,
  ],
  accountant: [
    scene(10, 'LibreOffice', 'sheet', ['Accounts 2026.ods', 'VAT November.ods', 'Travel.ods']),
    scene(4, 'Firefox', 'browser', ['Bank: accounts', 'Bank: transfers'], 'bank.example'),
    MAIL,
    CHAT,
    CALL,
    NEWS,
  ],
  manager: [
    scene(6, 'Zoom', 'meeting', ['Planning', 'Customer call', 'One on one', 'Board']),
    scene(5, 'LibreOffice', 'sheet', ['Budget.ods', 'Plan for spring.odp']),
    scene(5, 'Thunderbird', 'mail', ['Inbox', 'Re: hiring', 'Re: offer']),
    scene(2, 'Firefox', 'browser', ['Roadmap', 'Board: sprint 22'], 'atlassian.net'),
    CHAT,
    NEWS,
  ],
}

export function pickScene(trade: Trade, random: Random): Scene {
  const scenes = SCENES[trade]
  let left = random.next() * scenes.reduce((sum, { weight }) => sum + weight, 0)
  return scenes.find(({ weight }) => (left -= weight) < 0) ?? (scenes[0] as Scene)
}
