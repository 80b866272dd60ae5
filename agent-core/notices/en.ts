import { describeValue } from '../src/policy.ts'
import { describeHours } from '../src/working_hours.ts'
import type { NoticeWords } from './facts.ts'

export const english: NoticeWords = {
  title: ({ version, site }) => `Notice of monitoring, version ${version} (site ${site})`,
  opening: (organisation) => [
    `WorkSight shows ${organisation ?? 'the organisation'} how work goes on this machine. It does so openly:`,
    'you see what is collected, and the agent says so while it runs.',
  ],
  why: 'Why',
  legalBasis: 'Legal basis',
  collected: 'What is collected',
  nothing: 'nothing',
  when: 'When',
  hours: describeHours,
  policy: (version) => `Within that, policy ${version} says`,
  value: (key, { version, values, timeZone }) => describeValue(key, { version, values, timeZone }),
  seenBy: 'Who sees it',
  kept: 'How long it is kept',
  never: 'Never collected: keystrokes, clipboard, webcam, microphone, location.',
  untilRead: 'Until this notice is acknowledged, the agent only says that it is alive.',
  yours: [
    'Always yours: to pause; to exclude windows of your own; to see everything that was sent and who',
    'looked at it; to take it along, to have it corrected and to ask for its erasure.',
  ],
  contact: 'Contact',
  keptAsPolicySays: 'as the policy above says',
  unsaid: 'not said by the organisation; ask whoever enrolled this machine',
  unsaidAskContact: 'not said by the organisation; ask its contact',
}
