import type { NoticeFacts, NoticeLanguage, NoticeLaw, NoticeWords } from './facts.ts'

type Section = (facts: NoticeFacts, words: NoticeWords) => readonly string[]

/** `label: what is said`, or that it is not. */
function line(label: string, said: string | undefined, words: NoticeWords): string {
  return `${label}: ${said ?? words.unsaid}`
}

/** How long things are kept: as the organisation says, or as the policy that the notice quotes does. */
function keptOf({ kept, policy }: NoticeFacts, words: NoticeWords): string | undefined {
  const isInPolicy = policy?.keys.some((key) => key.startsWith('retention.')) ?? false
  return kept ?? (isInPolicy ? words.keptAsPolicySays : undefined)
}

/** Article 13 GDPR, in its order. */
const eu: Readonly<Record<NoticeLanguage, Section>> = {
  en: (facts, words) => [
    'Information under Article 13 GDPR:',
    line('  - Controller', facts.organisation, words),
    line('  - How to reach the controller', facts.contact, words),
    line('  - Data protection officer', facts.protectionOfficer, words),
    line('  - Purpose', facts.purpose, words),
    line('  - Legal basis (Article 6, or national law under Article 88)', facts.legalBasis, words),
    line('  - Recipients', facts.seenBy, words),
    line('  - Transfers outside the EEA', facts.transfers, words),
    line('  - Storage period', keptOf(facts, words), words),
    '  - Your rights: access (15), rectification (16), erasure (17), restriction (18), portability (20),',
    '    objection (21). Under "My data" and "Who looked" on the dashboard, or through the contact above.',
    line('  - Complaint to a supervisory authority (77)', facts.complaintsTo, words),
    '  - There is no automated decision about you and no ranking of people.',
    '  - Reading this is required of you; agreeing is not. Without it nothing is captured.',
  ],
  de: (facts, words) => [
    'Informationen nach Artikel 13 DSGVO:',
    line('  - Verantwortlicher', facts.organisation, words),
    line('  - Erreichbar unter', facts.contact, words),
    line('  - Datenschutzbeauftragte', facts.protectionOfficer, words),
    line('  - Zweck', facts.purpose, words),
    line('  - Rechtsgrundlage (Artikel 6, § 26 BDSG)', facts.legalBasis, words),
    line('  - Empfänger', facts.seenBy, words),
    line('  - Übermittlung in Drittländer', facts.transfers, words),
    line('  - Speicherdauer', keptOf(facts, words), words),
    '  - Ihre Rechte: Auskunft (15), Berichtigung (16), Löschung (17), Einschränkung (18),',
    '    Datenübertragbarkeit (20), Widerspruch (21). Unter „My data“ und „Who looked“ oder beim Ansprechpartner.',
    line('  - Beschwerde bei einer Aufsichtsbehörde (77)', facts.complaintsTo, words),
    '  - Es gibt keine automatisierte Entscheidung über Sie und keine Rangfolge von Personen.',
    '  - Verlangt wird, dass Sie dies lesen, nicht, dass Sie zustimmen. Ohne das wird nichts erfasst.',
  ],
}

const ICO = 'Information Commissioner’s Office, ico.org.uk/make-a-complaint, 0303 123 1113'

/** UK GDPR, Article 13, as the ICO's guidance on monitoring workers asks for. */
const uk: Readonly<Record<NoticeLanguage, Section>> = {
  en: (facts, words) => [
    'Privacy information under the UK GDPR and the Data Protection Act 2018:',
    line('  - Who is responsible', facts.organisation, words),
    line('  - How to reach them', facts.contact, words),
    line('  - Data protection officer', facts.protectionOfficer, words),
    line('  - Why you are monitored', facts.purpose, words),
    line('  - Lawful basis', facts.legalBasis, words),
    line('  - Who receives it', facts.seenBy, words),
    line('  - Transfers outside the UK', facts.transfers, words),
    line('  - How long it is kept', keptOf(facts, words), words),
    '  - Your rights: to be informed, access, rectification, erasure, restriction, portability, to object,',
    '    and rights about automated decisions, of which there are none here.',
    `  - You can complain: ${facts.complaintsTo ?? ICO}`,
  ],
  de: (facts, words) => [
    'Informationen nach der UK GDPR und dem Data Protection Act 2018:',
    line('  - Verantwortlich', facts.organisation, words),
    line('  - Erreichbar unter', facts.contact, words),
    line('  - Datenschutzbeauftragte', facts.protectionOfficer, words),
    line('  - Warum überwacht wird', facts.purpose, words),
    line('  - Rechtsgrundlage', facts.legalBasis, words),
    line('  - Empfänger', facts.seenBy, words),
    line('  - Übermittlung außerhalb des Vereinigten Königreichs', facts.transfers, words),
    line('  - Speicherdauer', keptOf(facts, words), words),
    '  - Ihre Rechte: Information, Auskunft, Berichtigung, Löschung, Einschränkung, Übertragbarkeit,',
    '    Widerspruch; automatisierte Entscheidungen gibt es hier nicht.',
    `  - Beschwerde: ${facts.complaintsTo ?? ICO}`,
  ],
}

/** What the statute wants every employee to be told; its own words, so they stay English. */
const STATUTE = [
  '  Any and all telephone conversations or transmissions, electronic mail or transmissions, or internet',
  '  access or usage by an employee by any electronic device or system, including but not limited to the',
  '  use of a computer, telephone, wire, radio or electromagnetic, photoelectronic or photo-optical systems',
  '  may be subject to monitoring at any and all times and by any lawful means.',
] as const

const newYork: Readonly<Record<NoticeLanguage, Section>> = {
  en: () => [
    'Notice under New York Civil Rights Law § 52-c:',
    ...STATUTE,
    'What this agent does is narrower: it is listed above, and nothing else is monitored by it.',
    'Your acknowledgement of this notice is kept as that law asks; the notice is also posted under',
    '/transparency of the dashboard.',
  ],
  de: () => [
    'Hinweis nach New York Civil Rights Law § 52-c (im Wortlaut des Gesetzes):',
    ...STATUTE,
    'Was dieses Programm tut, ist enger: Es steht oben, und sonst überwacht es nichts.',
    'Ihre Kenntnisnahme wird aufbewahrt, wie es das Gesetz verlangt; der Hinweis hängt auch unter',
    '/transparency aus.',
  ],
}

/** What each law wants to be said, after everything that is always said. */
export const LAWS: Readonly<Record<NoticeLaw, Readonly<Record<NoticeLanguage, Section>>>> = {
  eu,
  uk,
  'new-york': newYork,
}
