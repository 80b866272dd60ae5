import {
  categoryTree,
  createCategory,
  createRule,
  recategorise,
  removeCategory,
  removeRule,
  testWindow,
  uncategorised,
} from '#services/categories/store'
import type { Actor } from '#services/audit'
import { ApiError } from '#exceptions/api_errors'
import { pendingRollups } from '#services/rollups/settle'
import {
  assignValidator,
  categoryValidator,
  ruleValidator,
  windowValidator,
} from '#validators/categories'
import { filled } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'

/** What windows are counted as: everybody may read the rules, owner and admin change them. */
export default class CategoriesController {
  async index({ auth, request, view }: HttpContext) {
    const { role } = auth.use('web').getUserOrFail()
    const mayChange = role === 'owner' || role === 'admin'
    const [, window] = await windowValidator.tryValidate(filled(request.qs()))
    const { app = '', title = '', domain = '' } = window ?? {}
    const isTried = Boolean(app || title || domain)
    const facts = { app, title: title || null, domain: domain || null }
    return view.render('pages/categories/index', {
      branches: await categoryTree(),
      mayChange,
      tried: { app, title, domain },
      isTried,
      answer: isTried ? await testWindow(facts) : null,
      unknown: mayChange ? await uncategorised(Date.now()) : [],
      pending: await pendingRollups(),
    })
  }

  async store(ctx: HttpContext) {
    const {
      name,
      value,
      parent_id: parent,
    } = await ctx.request.validateUsing(categoryValidator, {
      data: filled(ctx.request.body()),
    })
    return this.#then(ctx, `The category “${name}” is there`, () =>
      createCategory({ name, value, parentId: parent ?? null }, actorOf(ctx))
    )
  }

  async destroy(ctx: HttpContext) {
    return this.#then(ctx, 'The category is gone', () =>
      removeCategory(ctx.params.id, actorOf(ctx))
    )
  }

  async addRule(ctx: HttpContext) {
    const data = filled(ctx.request.body())
    const rule = await ctx.request.validateUsing(ruleValidator, { data })
    const { app = null, title = null, domain = null, priority = 50 } = rule
    return this.#then(ctx, 'The rule is there; it counts for what comes from now on', () =>
      createRule(ctx.params.id, { app, title, domain, priority }, actorOf(ctx))
    )
  }

  /** A rule for what is uncategorised: the form names the category. */
  async assign(ctx: HttpContext) {
    const { category_id: id } = await ctx.request.validateUsing(assignValidator)
    ctx.params.id = id
    return this.addRule(ctx)
  }

  async removeRule(ctx: HttpContext) {
    return this.#then(ctx, 'The rule is gone', () => removeRule(ctx.params.id, actorOf(ctx)))
  }

  async recategorise(ctx: HttpContext) {
    return this.#then(ctx, 'What was observed is put under today’s rules', () =>
      recategorise(actorOf(ctx))
    )
  }

  /** Does it and says so; what is refused is said on the page. */
  async #then({ response, session }: HttpContext, done: string, work: () => Promise<unknown>) {
    try {
      await work()
      session.flash('success', done)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 404) {
        throw error
      }
      session.flash('error', error.message)
    }
    return response.redirect('/categories')
  }
}

function actorOf({ auth, request }: HttpContext): Actor {
  return { user: auth.use('web').getUserOrFail(), address: request.ip() }
}
