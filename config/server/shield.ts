import { isSecure } from '#config/app'
import { defineConfig } from '@adonisjs/shield'

const shieldConfig = defineConfig({
  /** Everything a page needs comes from this server, as files: no inline script, no inline style. */
  csp: {
    enabled: true,
    directives: {
      defaultSrc: [`'none'`],
      scriptSrc: [`'self'`],
      scriptSrcAttr: [`'none'`],
      styleSrc: [`'self'`],
      imgSrc: [`'self'`, 'data:', 'blob:'],
      mediaSrc: [`'self'`, 'blob:'],
      connectSrc: [`'self'`],
      fontSrc: [`'self'`],
      formAction: [`'self'`],
      frameAncestors: [`'none'`],
      baseUri: [`'none'`],
    },
    reportOnly: false,
  },

  csrf: {
    enabled: true,

    /** The API is called with bearer tokens, which a browser never adds by itself. */
    exceptRoutes: (ctx) => ctx.request.url().startsWith('/api/'),

    /** Transmit's client and htmx send it back as X-XSRF-TOKEN. */
    enableXsrfCookie: true,
    methods: ['POST', 'PUT', 'PATCH', 'DELETE'],
  },

  xFrame: { enabled: true, action: 'DENY' },
  hsts: { enabled: isSecure, maxAge: '180 days' },
  contentTypeSniffing: { enabled: true },
})

export default shieldConfig
