import type { PolicyKey, PolicyValues } from '../contract/policy.ts'
import { everyInGerman } from '../src/every.ts'
import { WEEKDAYS, type Weekday, type WorkingHoursOption } from '../src/working_hours.ts'
import type { NoticeWords } from './facts.ts'

const DAYS: Readonly<Record<Weekday, string>> = {
  monday: 'Montag',
  tuesday: 'Dienstag',
  wednesday: 'Mittwoch',
  thursday: 'Donnerstag',
  friday: 'Freitag',
  saturday: 'Samstag',
  sunday: 'Sonntag',
}

const MACHINE_ZONE = 'Zeitzone dieses Rechners'

type Sentence = (values: PolicyValues, timeZone: string | null) => string
const onOff = (isOn: boolean) => (isOn ? 'an' : 'aus')
const days = (count: number) => `${count} ${count === 1 ? 'Tag' : 'Tage'}`

const BLUR = { none: 'keine', light: 'leichte', strong: 'starke' } as const

const SENTENCES: Readonly<Record<PolicyKey, Sentence>> = {
  'screenshot.enabled': (values) => `Bildschirmfotos: ${onOff(values['screenshot.enabled'])}`,
  'screenshot.interval_seconds': (values) =>
    `Bildschirmfotos: ${everyInGerman(values['screenshot.interval_seconds'])}`,
  'screenshot.blur': (values) => `Bildschirmfotos: ${BLUR[values['screenshot.blur']]} Unschärfe`,
  'screenshot.live': (values) =>
    values['screenshot.live']
      ? 'Ihr neuestes Bildschirmfoto darf neben denen anderer auf einer Übersicht stehen, für alle, die es ohnehin sehen dürfen'
      : 'Ihr neuestes Bildschirmfoto steht auf keiner Übersicht',
  'recording.enabled': (values) => `Aufzeichnungen: ${onOff(values['recording.enabled'])}`,
  'recording.frame_rate': (values) =>
    `Aufzeichnungen: ${values['recording.frame_rate']} Bilder in der Sekunde`,
  'activity.enabled': (values) =>
    `benutzte Fenster und Anwesenheit: ${onOff(values['activity.enabled'])}`,
  'activity.titles': (values) =>
    values['activity.titles']
      ? 'Titel von Fenstern verlassen diesen Rechner'
      : 'Titel von Fenstern bleiben auf diesem Rechner',
  'activity.afk_seconds': (values) =>
    `abwesend nach ${values['activity.afk_seconds']} Sekunden ohne Eingabe`,
  'hours': ({ hours }, timeZone) =>
    hours === null
      ? 'Zeiten: jederzeit, soweit der Standort es erlaubt'
      : `Zeiten: ${hours.days.map((day) => DAYS[WEEKDAYS[day % 7] ?? 'monday']).join(', ')} ${hours.from}–${hours.until} (${timeZone ?? MACHINE_ZONE})`,
  'pause.minutes_per_day': (values) =>
    values['pause.minutes_per_day'] === null
      ? 'Pausen: so lange Sie möchten'
      : `Pausen: ${values['pause.minutes_per_day']} Minuten am Tag`,
  'exclusions': ({ exclusions }) =>
    `nie erfasst, neben dem, was immer ausgenommen ist: ${exclusions.length === 0 ? 'nichts weiter' : exclusions.map(({ app, title }) => [app, title].filter(Boolean).join(' mit ')).join('; ')}`,
  'review.minutes': (values) =>
    values['review.minutes'] === 0
      ? 'Aufnahmen verlassen diesen Rechner sofort; vorher zurücknehmen lässt sich keine'
      : `Aufnahmen warten ${values['review.minutes']} Minuten auf diesem Rechner, wo Sie sie zurücknehmen können`,
  'retention.recordings_days': (values) =>
    `Aufzeichnungen werden ${days(values['retention.recordings_days'])} aufbewahrt`,
  'retention.screenshots_days': (values) =>
    `Bildschirmfotos werden ${days(values['retention.screenshots_days'])} aufbewahrt`,
  'retention.titles_days': (values) =>
    `Titel von Fenstern werden ${days(values['retention.titles_days'])} aufbewahrt`,
  'retention.heartbeats_days': (values) =>
    `Lebenszeichen werden ${days(values['retention.heartbeats_days'])} aufbewahrt`,
}

function hoursOf(option: WorkingHoursOption): string {
  if (option === 'always') {
    return 'jederzeit, wenn der Rechner benutzt wird'
  }
  const named = WEEKDAYS.flatMap((day) => {
    const spans = option.days[day] ?? []
    return spans.length === 0
      ? []
      : [`${DAYS[day]} ${spans.map(([from, until]) => `${from}–${until}`).join(', ')}`]
  })
  return `${named.join('; ')} (${option.zone ?? MACHINE_ZONE})`
}

export const german: NoticeWords = {
  title: ({ version, site }) =>
    `Information über die Überwachung, Fassung ${version} (Standort ${site})`,
  opening: (organisation) => [
    `WorkSight zeigt ${organisation ?? 'der Organisation'}, wie auf diesem Rechner gearbeitet wird. Es tut das offen:`,
    'Sie sehen, was erhoben wird, und das Programm zeigt an, dass es läuft.',
  ],
  why: 'Zweck',
  legalBasis: 'Rechtsgrundlage',
  collected: 'Was erhoben wird',
  nothing: 'nichts',
  when: 'Wann',
  hours: hoursOf,
  policy: (version) => `In diesem Rahmen gilt Richtlinie ${version}`,
  value: (key, { values, timeZone }) => SENTENCES[key](values, timeZone),
  seenBy: 'Wer es sieht',
  kept: 'Wie lange es aufbewahrt wird',
  never: 'Nie erhoben: Tastenanschläge, Zwischenablage, Kamera, Mikrofon, Standort.',
  untilRead:
    'Bis diese Information zur Kenntnis genommen ist, meldet das Programm nur, dass es läuft.',
  yours: [
    'Immer Ihr Recht: zu pausieren; eigene Fenster auszunehmen; alles zu sehen, was gesendet wurde und wer',
    'es angesehen hat; es mitzunehmen, berichtigen zu lassen und seine Löschung zu verlangen.',
  ],
  contact: 'Ansprechpartner',
  keptAsPolicySays: 'wie die Richtlinie oben sagt',
  unsaid: 'von der Organisation nicht angegeben; fragen Sie, wer diesen Rechner angemeldet hat',
  unsaidAskContact: 'von der Organisation nicht angegeben; der Ansprechpartner weiß es',
}
