import { defineConfig } from '@adonisjs/auth'
import { sessionGuard, sessionUserProvider } from '@adonisjs/auth/session'
import { tokensGuard, tokensUserProvider } from '@adonisjs/auth/access_tokens'
import type { HttpContext } from '@adonisjs/core/http'
import type { InferAuthenticators, InferAuthEvents, Authenticators } from '@adonisjs/auth/types'

const authConfig = defineConfig({
  default: 'web',
  guards: {
    /** People in a browser. */
    web: sessionGuard({
      useRememberMeTokens: true,

      /** How long a browser may go on without the password, counted from when it was typed. */
      rememberMeTokensAge: '30 days',
      provider: sessionUserProvider({ model: () => import('#models/user') }),
    }),

    /** People's programs: tokens with the prefix `wsu_`. */
    api: tokensGuard({
      provider: tokensUserProvider({ tokens: 'accessTokens', model: () => import('#models/user') }),
    }),

    /** Agents: tokens with the prefix `wsa_`, which can ingest and nothing else. */
    agent: {
      async resolver() {
        const { AgentGuard } = await import('#services/agent_guard')
        return (ctx: HttpContext) => new AgentGuard(ctx)
      },
    },
  },
})

export default authConfig

declare module '@adonisjs/auth/types' {
  export interface Authenticators extends InferAuthenticators<typeof authConfig> {}
}
declare module '@adonisjs/core/types' {
  interface EventsList extends InferAuthEvents<Authenticators> {}
}
