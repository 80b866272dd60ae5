import type { Actor } from '#services/audit'
import {
  categoryTree,
  createCategory,
  createRule,
  recategorise,
  removeCategory,
  removeRule,
  testWindow,
} from '#services/categories/store'
import { pendingRollups } from '#services/rollups/settle'
import { newCategoryValidator, newRuleValidator, windowValidator } from '#validators/categories'
import type { HttpContext } from '@adonisjs/core/http'

/** Categories and their rules. */
export default class CategoriesController {
  async index() {
    const branches = await categoryTree()
    return { data: branches.map(branchJson), pending: await pendingRollups() }
  }

  /** Which rule takes a window. */
  async test({ request }: HttpContext) {
    const { app = '', title = null, domain = null } = await windowValidator.validate(request.qs())
    const found = await testWindow({ app, title, domain })
    return {
      rule: found ? ruleJson(found.rule) : null,
      category: found ? { id: found.category.id, name: found.category.name } : null,
      value: found?.category.value ?? 'neutral',
    }
  }

  async store(ctx: HttpContext) {
    const { request, response } = ctx
    const { name, value, parent_id: parent } = await newCategoryValidator.validate(request.body())
    const id = await createCategory({ name, value, parentId: parent ?? null }, actorOf(ctx))
    return response.created({ id, name, value, parent_id: parent ?? null })
  }

  async destroy(ctx: HttpContext) {
    await removeCategory(ctx.params.id, actorOf(ctx))
    return ctx.response.noContent()
  }

  async addRule(ctx: HttpContext) {
    const { params, request, response } = ctx
    const rule = await newRuleValidator.validate(request.body())
    const { app = null, title = null, domain = null, priority = 50 } = rule
    const id = await createRule(params.id, { app, title, domain, priority }, actorOf(ctx))
    return response.created({ id, category_id: params.id, app, title, domain, priority })
  }

  async removeRule(ctx: HttpContext) {
    await removeRule(ctx.params.id, actorOf(ctx))
    return ctx.response.noContent()
  }

  /** Puts what was observed under today's rules, in the background. */
  async recategorise(ctx: HttpContext) {
    await recategorise(actorOf(ctx))
    return ctx.response.accepted({ pending: await pendingRollups() })
  }
}

function actorOf({ auth, request }: HttpContext): Actor {
  return { user: auth.use('api').getUserOrFail(), address: request.ip() }
}

type Branch = Awaited<ReturnType<typeof categoryTree>>[number]

function branchJson({ id, parentId, name, value, rules }: Branch) {
  return { id, parent_id: parentId, name, value, rules: rules.map(ruleJson) }
}

function ruleJson({ categoryId, ...rule }: Branch['rules'][number]) {
  return { ...rule, category_id: categoryId }
}
