/** What the queries of an address are: a list, or a statistic. */
export type Kind = 'list' | 'statistic'

export const VIEWERS = ['owner', 'manager', 'member'] as const
export type Viewer = (typeof VIEWERS)[number]

/** One address that somebody asks, and what of it is measured. */
export type Address = {
  readonly name: string
  readonly path: string
  readonly viewer: Viewer
  readonly kind: Kind
  /** With a bearer token, or with the cookie of a page. */
  readonly by: 'token' | 'cookie'
  /** Page 10 000 of the list with this name. */
  readonly deepOf?: string
}

/** Things of the dataset that addresses name. */
export type World = {
  readonly agent: number
  readonly person: number
  readonly team: number
  /** The day before the last one, as `2026-11-19`. */
  readonly day: string
  readonly screenshot: string
  readonly recording: string
  readonly run: string
  readonly session: string
  /** By table: where page 10 000 begins, and how many rows a page has there. */
  readonly deep: Readonly<Record<string, { readonly cursor: string; readonly limit: number }>>
}

/** Lists of observations over all agents, which take the same filters. */
export const OBSERVED = [
  'heartbeats',
  'activities',
  'screenshots',
  'recordings',
  'gaps',
  'evictions',
  'deletions',
] as const

/** Lists that have ten thousand pages. */
export const DEEP = [...OBSERVED, 'sessions'] as const

/** Every list and statistic of API and pages. */
export function addressesOf(world: World): Address[] {
  return [...lists(world), ...deepPages(world), ...statistics(world), ...pages(world)]
}

function lists(world: World): Address[] {
  const { agent, person, team, day } = world
  const span = `from=${day}T00:00:00Z&to=${day}T23:59:59Z`
  const list = (viewer: Viewer, path: string): Address => ({
    name: `${path}, ${viewer}`,
    path: `/api/${path}`,
    viewer,
    kind: 'list',
    by: 'token',
  })
  return [
    ...OBSERVED.flatMap((name) => [
      ...VIEWERS.map((viewer) => list(viewer, name)),
      list('owner', `${name}?agent=${agent}`),
      list('owner', `${name}?person=${person}`),
      list('owner', `${name}?team=${team}`),
      list('owner', `${name}?${span}`),
      list('owner', `${name}?person=${person}&${span}`),
      list('manager', `${name}?person=${person}&${span}`),
    ]),
    list('owner', 'activities?kind=window'),
    list('owner', `activities?agent=${agent}&kind=presence&merged=true`),
    list('owner', `activities?agent=${agent}&kind=window&merged=true`),
    ...VIEWERS.map((viewer) => list(viewer, 'sessions')),
    list('owner', `sessions?person=${person}`),
    list('owner', `sessions?${span}`),
    ...VIEWERS.map((viewer) => list(viewer, 'agents')),
    list('owner', `agents?team=${team}`),
    ...VIEWERS.map((viewer) => list(viewer, 'people')),
    list('member', 'me/accesses'),
    list('owner', 'teams'),
    list('owner', 'tokens'),
    list('owner', 'categories'),
    list('owner', `screenshots/${world.screenshot}`),
    list('owner', `recordings/${world.recording}`),
    list('owner', `sessions/${world.session}`),
  ]
}

/** Page 1 of as many rows, and page 10 000. */
function deepPages({ deep }: World): Address[] {
  return Object.entries(deep).flatMap(([name, { cursor, limit }]) => {
    const first = `${name}, page 1 of ${limit} rows`
    const rest = { viewer: 'owner', kind: 'list', by: 'token' } as const
    return [
      { name: first, path: `/api/${name}?limit=${limit}`, ...rest },
      {
        name: `${name}, page 10 000 of ${limit} rows`,
        path: `/api/${name}?limit=${limit}&cursor=${cursor}`,
        deepOf: first,
        ...rest,
      },
    ]
  })
}

function statistics({ agent, person, team, day }: World): Address[] {
  const statistic = (viewer: Viewer, path: string): Address => ({
    name: `${path}, ${viewer}`,
    path: `/api/${path}`,
    viewer,
    kind: 'statistic',
    by: 'token',
  })
  const end = Date.parse(`${day}T00:00:00Z`)
  const back = (days: number) => new Date(end - days * 86_400_000).toISOString().slice(0, 10)
  const month = `from=${back(29)}&to=${day}`
  return [
    ...VIEWERS.map((viewer) => statistic(viewer, `stats/trends?${month}`)),
    statistic('owner', `stats/trends?from=${back(99)}&to=${day}&by=week`),
    statistic('owner', `stats/trends?team=${team}&${month}`),
    statistic('owner', `stats/trends?person=${person}&${month}`),
    statistic('owner', `stats/daily?${month}`),
    statistic(
      'owner',
      `stats/hourly?agent=${agent}&from=${back(30)}T00:00:00Z&to=${day}T00:00:00Z`
    ),
    statistic('owner', `stats/hourly?person=${person}&from=${day}T00:00:00Z&to=${day}T23:00:00Z`),
    statistic('owner', `stats/explain?figure=active&person=${person}&day=${day}`),
    statistic('owner', `agents/${agent}/gaps`),
  ]
}

/** Pages, with the fragments that they fetch again by themselves. */
export function pages({ agent, person, team, day, screenshot, run }: World): Address[] {
  const page = (viewer: Viewer, path: string, kind: Kind): Address => ({
    name: `page ${path}, ${viewer}`,
    path,
    viewer,
    kind,
    by: 'cookie',
  })
  return [
    ...VIEWERS.map((viewer) => page(viewer, '/', 'statistic')),
    page('owner', '/agents', 'list'),
    page('owner', `/agents/${agent}`, 'statistic'),
    ...VIEWERS.map((viewer) => page(viewer, '/screenshots', 'list')),
    page('owner', `/screenshots?person=${person}`, 'list'),
    page('owner', `/screenshots?agent=${agent}&from=${day}&to=${day}`, 'list'),
    page('owner', `/screenshots/${screenshot}`, 'list'),
    ...VIEWERS.map((viewer) => page(viewer, '/recordings', 'list')),
    page('owner', '/records?kind=activities', 'list'),
    page('owner', `/recordings?person=${person}`, 'list'),
    page('owner', `/recordings/${run}`, 'statistic'),
    page('owner', '/people', 'statistic'),
    page('manager', '/people', 'statistic'),
    page('owner', `/people?team=${team}`, 'statistic'),
    page('owner', `/people/${person}`, 'statistic'),
    page('owner', `/people/${person}/days/${day}`, 'statistic'),
    page('member', `/me/days/${day}`, 'statistic'),
    page('owner', '/reports/trends', 'statistic'),
    page('owner', `/reports/trends?team=${team}`, 'statistic'),
    page('owner', `/reports/trends?person=${person}`, 'statistic'),
    page('member', '/reports/trends', 'statistic'),
    page('owner', '/reports/health', 'statistic'),
    page('owner', '/reports/access', 'statistic'),
    page('owner', '/reports/storage', 'statistic'),
    page('owner', '/live', 'statistic'),
    page('owner', '/audit', 'list'),
    page('owner', `/audit?person=${person}`, 'list'),
    page('owner', '/audit?kind=change', 'list'),
    page('member', '/me/access', 'list'),
    page('owner', '/categories', 'statistic'),
    page('owner', '/search?q=person', 'list'),
    page('owner', '/search?q=person+today', 'list'),
    page('owner', '/settings/users', 'list'),
    page('owner', '/settings/teams', 'list'),
    page('owner', '/settings/storage', 'statistic'),
  ]
}
