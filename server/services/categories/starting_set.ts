import type { CategoryValue } from '#services/categories/rules'

type Start = {
  readonly name: string
  readonly value: CategoryValue
  readonly rules: readonly {
    readonly priority: number
    readonly app?: string
    readonly title?: string
    readonly domain?: string
  }[]
}

const apps = (priority: number, names: string) =>
  names.split(', ').map((app) => ({ priority, app }))
const domains = (priority: number, names: string) =>
  names.split(', ').flatMap((domain) => [
    { priority, domain },
    { priority, domain: `*.${domain}` },
  ])

/**
 * The categories that WorkSight comes with. A site says more than the browser that shows it, so rules
 * on domains go first. What nothing fits stays uncategorised and counts as neutral.
 */
export const STARTING_SET: readonly Start[] = [
  {
    name: 'Development',
    value: 'productive',
    rules: [
      ...apps(
        20,
        'code, vscodium*, *jetbrains*, *intellij*, vim, nvim, emacs, *terminal*, konsole'
      ),
      ...domains(40, 'github.com, gitlab.com, stackoverflow.com, docs.adonisjs.com'),
    ],
  },
  {
    name: 'Design',
    value: 'productive',
    rules: [
      ...apps(20, 'figma*, inkscape*, gimp*, *photoshop*, *illustrator*, blender*'),
      ...domains(40, 'figma.com, webaim.org'),
    ],
  },
  {
    name: 'Documents',
    value: 'productive',
    rules: [
      ...apps(
        20,
        'libreoffice*, soffice*, *word*, *excel*, *powerpoint*, evince, okular, *acrobat*'
      ),
      ...domains(40, 'docs.google.com, office.com, notion.so'),
    ],
  },
  {
    name: 'Planning and tickets',
    value: 'productive',
    rules: domains(40, 'atlassian.net, zendesk.com, linear.app, trello.com, asana.com'),
  },
  {
    name: 'Mail and calendar',
    value: 'neutral',
    rules: [
      ...apps(20, 'thunderbird*, *outlook*, evolution*'),
      ...domains(40, 'mail.google.com, calendar.google.com, outlook.office.com'),
    ],
  },
  {
    name: 'Chat',
    value: 'neutral',
    rules: [
      ...apps(20, 'slack*, *teams*, discord*, element*, signal*, telegram*'),
      ...domains(40, 'slack.com, teams.microsoft.com'),
    ],
  },
  {
    name: 'Calls',
    value: 'neutral',
    rules: [
      ...apps(20, 'zoom*, *meet*, jitsi*, webex*'),
      ...domains(40, 'meet.google.com, zoom.us'),
    ],
  },
  {
    name: 'News',
    value: 'unproductive',
    rules: domains(40, 'news.example, news.google.com, cnn.com, bbc.com, spiegel.de'),
  },
  {
    name: 'Video and music',
    value: 'unproductive',
    rules: [
      ...apps(20, 'vlc*, mpv, spotify*'),
      ...domains(40, 'youtube.com, netflix.com, twitch.tv, spotify.com'),
    ],
  },
  {
    name: 'Social networks',
    value: 'unproductive',
    rules: domains(40, 'facebook.com, instagram.com, x.com, reddit.com, tiktok.com'),
  },
]
