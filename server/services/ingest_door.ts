import { LIMITS } from '#contract/limits'
import HttpExceptionHandler from '#exceptions/handler'
import { believedAgent } from '#services/agent_guard'
import { committer } from '#services/group_commit'
import { eventRoutes, type EventRoute } from '#services/event_routes'
import { isJson, parseJson, readBytes } from '#services/json_body'
import { countRequest } from '#services/rates'
import app from '@adonisjs/core/services/app'
import server from '@adonisjs/core/services/server'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

const PATH = /^\/api\/(?:v1\/)?(heartbeats|activities|observations)\/?$/

const failures = new HttpExceptionHandler()

/**
 * Stands before the framework and takes what agents send all day: events with a token that was checked
 * lately. The framework's own way of a request costs more than storing a heartbeat. Everything else
 * goes to `framework`, unread; that is also where the routes, who may use them and what they take are
 * declared. Token, rate, reading, checking, storing and errors are the same functions there and here.
 */
export function ingestDoor(framework: RequestListener): RequestListener {
  return (request, response) => {
    const route = routeOf(request)
    if (route) {
      void take(route, request, response, framework)
    } else {
      framework(request, response)
    }
  }
}

function routeOf({ method, url = '', headers }: IncomingMessage): EventRoute | null {
  const [, name] = method === 'POST' ? (PATH.exec(url) ?? []) : []
  return name && isJson(headers) ? eventRoutes[name as keyof typeof eventRoutes] : null
}

async function take(
  route: EventRoute,
  request: IncomingMessage,
  response: ServerResponse,
  framework: RequestListener
) {
  try {
    const agent = await believedAgent(request.headers.authorization)
    if (!agent) {
      framework(request, response)
      return
    }
    await countRequest(`agent_${agent.id}`)
    const { status, body } = await readBytes(request, LIMITS.batchBytes)
      .then((bytes) => committer.room(bytes))
      .then((bytes) => route(agent, parseJson(bytes)))
    const text = Buffer.from(JSON.stringify(body))
    response.writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': text.length,
    })
    response.end(text)
  } catch (error) {
    await fail(error, request, response)
  }
}

/** Answers as the framework would. */
async function fail(error: unknown, request: IncomingMessage, response: ServerResponse) {
  const ctx = server.createHttpContext(
    server.createRequest(request, response),
    server.createResponse(request, response),
    app.container.createResolver()
  )
  await failures.report(error, ctx)
  await failures.handle(error, ctx)
  ctx.response.finish()
}
