import { Activity } from '@worksight/activity'
import { defineSite } from '@worksight/agent-core'
import { Heartbeat } from '@worksight/heartbeat'
import { Recording } from '@worksight/recording'
import { Screenshot } from '@worksight/screenshot'

/**
 * The site of every agent that names no other. It is the outer bound of what its agents observe:
 * what is not listed here is not even loaded. Each value can be set on one machine by a variable
 * such as WORKSIGHT_SCREENSHOT_INTERVAL_SECONDS, and the notice that the person reads follows it.
 */
export default defineSite({
  /** As `--site` and the dashboard name it. */
  name: 'default',

  plugins: [
    new Heartbeat({
      /** Seconds between two signs of life: the dashboard notices after that long that one is missing. */
      intervalSeconds: 30,
    }),

    new Activity({
      /** Seconds without input after which a person counts as away. */
      afkSeconds: 180,

      /**
       * Whether titles of windows may leave the machine where the policy allows it too. A title can
       * hold anything a person reads; without it, the name of the program is all that is sent.
       */
      titles: false,
    }),

    new Screenshot({
      /**
       * Seconds between two looks at the screen. Shorter shows more and intrudes more: regulators
       * have called every few minutes excessive where no special reason was given.
       */
      intervalSeconds: 300,

      /**
       * What looks at the screen. `auto` takes the cheapest that works in the session and never
       * simulates; a name takes that one or reports why it cannot.
       */
      source: 'auto',
    }),

    new Recording({
      /**
       * Whether screens are recorded at all. With `true` a policy may switch recordings on and off,
       * and the notice says so; what is `false` here no policy can begin.
       */
      enabled: false,

      /** Pictures a second, at most: 2 shows what was done, 5 how. */
      frameRate: 2,

      /** Minutes of every so many that are recorded; 0 for `everyMinutes` records without a break. */
      everyMinutes: 30,
      forMinutes: 5,
    }),
  ],
})
