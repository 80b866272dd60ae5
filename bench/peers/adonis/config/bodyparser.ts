import { defineConfig } from '@adonisjs/core/bodyparser'

export default defineConfig({ json: { limit: '1mb' } })
