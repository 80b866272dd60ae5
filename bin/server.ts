/*
|--------------------------------------------------------------------------
| HTTP server entrypoint
|--------------------------------------------------------------------------
*/
import 'reflect-metadata'
import { Ignitor, prettyPrintError } from '@adonisjs/core'
import { createServer, type RequestListener } from 'node:http'
import { APP_ROOT, IMPORTER } from './app.js'

let door = (framework: RequestListener) => framework

new Ignitor(APP_ROOT, { importer: IMPORTER })
  .tap((app) => {
    app.booting(async () => {
      await import('#start/env')
    })
    app.starting(async () => {
      const { ingestDoor } = await import('#services/ingest_door')
      door = ingestDoor
    })
    app.listen('SIGTERM', () => app.terminate())
    app.listen('SIGINT', () => app.terminate())
  })
  .httpServer()
  .start((framework) => createServer(door(framework)))
  .catch((error) => {
    process.exitCode = 1
    prettyPrintError(error)
  })
