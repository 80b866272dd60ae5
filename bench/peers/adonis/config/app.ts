import { Secret } from '@adonisjs/core/helpers'
import { defineConfig } from '@adonisjs/core/http'

export const appKey = new Secret('only-for-this-benchmark-0123456789')
export const http = defineConfig({})
