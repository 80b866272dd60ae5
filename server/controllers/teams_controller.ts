import Team from '#models/team'
import User from '#models/user'
import { recordChange } from '#services/audit'
import { agentChanges } from '#services/agent_changes'
import { membershipValidator, teamValidator } from '#validators/accounts'
import type { HttpContext } from '@adonisjs/core/http'
import db from '@adonisjs/lucid/services/db'

/** Teams: who is in them, and which managers see their captures. */
export default class TeamsController {
  async index({ view }: HttpContext) {
    const teams = await Team.query()
      .preload('managers')
      .withCount('members')
      .orderBy('name')
      .limit(500)
    return view.render('pages/settings/teams/index', { teams })
  }

  async store(ctx: HttpContext) {
    const { name } = await ctx.request.validateUsing(teamValidator)
    if (await Team.findBy('name', name)) {
      ctx.session.flash('error', 'There is a team of this name already.')
      return ctx.response.redirect().toRoute('teams.index')
    }
    const team = await db.transaction(async (trx) => {
      const made = await Team.create({ name }, { client: trx })
      const object = { type: 'team', id: made.id }
      await recordChange(trx, actorOf(ctx), 'team.create', object, null, { name })
      return made
    })
    return ctx.response.redirect().toRoute('teams.show', { id: team.id })
  }

  async show({ params, view }: HttpContext) {
    const team = await Team.query()
      .where('id', params.id)
      .preload('managers', (people) => people.orderBy('full_name'))
      .preload('members', (people) => people.orderBy('full_name'))
      .firstOrFail()
    const people = await User.query().whereNull('disabled_at').orderBy('full_name')
    const managing = team.managers.map(({ id }) => id)
    return view.render('pages/settings/teams/show', {
      team,
      joining: people.filter(({ teamId }) => teamId !== team.id),
      leading: people.filter(({ id, role }) => role === 'manager' && !managing.includes(id)),
    })
  }

  async update(ctx: HttpContext) {
    const { name } = await ctx.request.validateUsing(teamValidator)
    const team = await Team.findOrFail(ctx.params.id)
    const namesake = await Team.query().where('name', name).whereNot('id', team.id).first()
    if (namesake) {
      ctx.session.flash('error', 'There is a team of this name already.')
    } else {
      await db.transaction(async (trx) => {
        const object = { type: 'team', id: team.id }
        const before = { name: team.name }
        await team.useTransaction(trx).merge({ name }).save()
        await recordChange(trx, actorOf(ctx), 'team.update', object, before, { name })
      })
    }
    return ctx.response.redirect().toRoute('teams.show', { id: team.id })
  }

  /** The people stay, in no team; nothing that was captured goes. */
  async destroy(ctx: HttpContext) {
    const team = await Team.findOrFail(ctx.params.id)
    await db.transaction(async (trx) => {
      const object = { type: 'team', id: team.id }
      await recordChange(trx, actorOf(ctx), 'team.delete', object, { name: team.name }, null)
      await team.useTransaction(trx).delete()
      await agentChanges.announce(null, trx)
    })
    ctx.session.flash('success', `${team.name} is deleted; its people are in no team now`)
    return ctx.response.redirect().toRoute('teams.index')
  }

  async join(ctx: HttpContext) {
    const { person, as } = await ctx.request.validateUsing(membershipValidator)
    const team = await Team.findOrFail(ctx.params.id)
    const user = await User.findOrFail(person)
    if (as === 'manager' && user.role !== 'manager') {
      ctx.session.flash('error', 'Only somebody whose role is manager manages a team.')
      return ctx.response.redirect().toRoute('teams.show', { id: team.id })
    }
    await this.#change(ctx, team, user, as, true)
    return ctx.response.redirect().toRoute('teams.show', { id: team.id })
  }

  async leave(ctx: HttpContext) {
    const { as } = await membershipValidator.validate({
      ...ctx.params,
      as: ctx.request.input('as'),
    })
    const team = await Team.findOrFail(ctx.params.id)
    await this.#change(ctx, team, await User.findOrFail(ctx.params.person), as, false)
    return ctx.response.redirect().toRoute('teams.show', { id: team.id })
  }

  #change(ctx: HttpContext, team: Team, user: User, as: 'member' | 'manager', joins: boolean) {
    return db.transaction(async (trx) => {
      if (as === 'manager') {
        const managers = team.useTransaction(trx).related('managers')
        await managers.detach([user.id])
        await (joins ? managers.attach([user.id]) : null)
      } else if (joins || user.teamId === team.id) {
        await user
          .useTransaction(trx)
          .merge({ teamId: joins ? team.id : null })
          .save()
      }
      const action = `team.${as}_${joins ? 'added' : 'removed'}`
      const object = { type: 'team', id: team.id, personId: user.id }
      await recordChange(trx, actorOf(ctx), action, object)
      await agentChanges.announce(null, trx)
    })
  }
}

function actorOf({ auth, request }: HttpContext) {
  return { user: auth.use('web').getUserOrFail(), address: request.ip() }
}
