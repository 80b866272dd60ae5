import { defineConfig } from '@adonisjs/core/app'

/** A small AdonisJS application as its guide writes it: the stock guard, one insert a request. */
export default defineConfig({
  providers: [
    () => import('@adonisjs/core/providers/app_provider'),
    () => import('@adonisjs/core/providers/hash_provider'),
    () => import('@adonisjs/lucid/database_provider'),
    () => import('@adonisjs/auth/auth_provider'),
  ],
  preloads: [() => import('./routes.js')],
})
