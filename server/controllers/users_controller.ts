import Agent from '#models/agent'
import Team from '#models/team'
import User, { ROLES } from '#models/user'
import { appUrl } from '#config/app'
import {
  createAccount,
  disableAccount,
  enableAccount,
  makeAccountLink,
  ownerRefusal,
  resetTwoFactor,
  updateAccount,
} from '#services/accounts'
import { deleteAccount } from '#services/account_deletion'
import type { Actor } from '#services/audit'
import { endSessions, sessionsOf } from '#services/browser_sessions'
import {
  accountDeletionValidator,
  accountFilterValidator,
  accountValidator,
} from '#validators/accounts'
import { filled } from '#validators/pages'
import type { HttpContext } from '@adonisjs/core/http'

/** Accounts on one page. */
const PAGE = 50

/** The accounts of the organisation, for owners and admins. */
export default class UsersController {
  async index({ request, view }: HttpContext) {
    const [, filter] = await accountFilterValidator.tryValidate(filled(request.qs()))
    const { q, team, role, state, page } = filter ?? {}
    const query = User.query().preload('team').orderBy('full_name').orderBy('id')
    if (q) {
      const like = `%${q.replace(/[\\%_]/g, '')}%`
      query.where((some) => some.whereILike('full_name', like).orWhereILike('email', like))
    }
    if (team) {
      query.where('team_id', team)
    }
    if (role) {
      query.where('role', role)
    }
    if (state === 'disabled') {
      query.whereNotNull('disabled_at')
    } else if (state) {
      query.whereNull('disabled_at')
    }
    if (state === 'invited') {
      query.whereNotNull('invited_at')
    } else if (state === 'active') {
      query.whereNull('invited_at')
    } else if (state === 'asked') {
      query.whereNotNull('reset_asked_at')
    }
    const users = await query.paginate(page ?? 1, PAGE)
    users.baseUrl('/settings/users')
    users.queryString(filled({ q, team, role, state }))
    const teams = await Team.query().orderBy('name')
    return view.render('pages/settings/users/index', {
      ...{ users, teams, roles: ROLES },
      filter: { q: q ?? '', team: team ?? '', role: role ?? '', state: state ?? '' },
      isFiltered: Boolean(q || team || role || state),
    })
  }

  async create({ auth, view }: HttpContext) {
    return view.render('pages/settings/users/create', await this.#choices(auth))
  }

  /** Makes the account and the link by which its person sets a password. */
  async store({ auth, request, response, session }: HttpContext) {
    const details = await request.validateUsing(accountValidator)
    const user = auth.use('web').getUserOrFail()
    const problem = await this.#problemOf(user, details)
    if (problem) {
      session.flash('error', problem)
      session.flashOnly(['email', 'name', 'time_zone'])
      return response.redirect().toRoute('users.create')
    }
    const actor = { user, address: request.ip() }
    const invited = await createAccount(actor, accountOf(details), null)
    const key = await makeAccountLink(actor, invited, 'invitation')
    session.flash('link', `${appUrl}/invite/${key}`)
    return response.redirect().toRoute('users.show', { id: invited.id })
  }

  async show({ auth, params, session, view }: HttpContext) {
    const account = await User.query().where('id', params.id).preload('team').firstOrFail()
    return view.render('pages/settings/users/show', {
      account,
      ...(await this.#choices(auth)),
      sessions: await sessionsOf(account),
      agents: await Agent.query().where('person_id', account.id).orderBy('name'),
      link: session.flashMessages.get('link'),
      mayChange: !ownerRefusal(actorOf(auth, ''), account),
      isSelf: account.id === auth.use('web').getUserOrFail().id,
    })
  }

  async update(ctx: HttpContext) {
    const details = await ctx.request.validateUsing(accountValidator)
    const taken = await User.query()
      .where('email', details.email)
      .whereNot('id', ctx.params.id)
      .first()
    const refusal = taken
      ? 'Somebody else has this e-mail address.'
      : await updateAccount(actorHere(ctx), ctx.params.id, accountOf(details))
    return this.#back(ctx, refusal, 'Saved')
  }

  async disable(ctx: HttpContext) {
    const refusal = await disableAccount(actorHere(ctx), ctx.params.id)
    return this.#back(ctx, refusal, 'Disabled: signed out everywhere, tokens are refused')
  }

  async enable(ctx: HttpContext) {
    return this.#back(ctx, await enableAccount(actorHere(ctx), ctx.params.id), 'Enabled')
  }

  /** Deletes an account with what was observed of its person; its address is typed to confirm it. */
  async destroy(ctx: HttpContext) {
    const { request, response, session, params } = ctx
    const account = await User.findOrFail(params.id)
    const { confirm } = await request.validateUsing(accountDeletionValidator)
    if (confirm.toLowerCase() !== account.email.toLowerCase()) {
      return this.#back(ctx, 'That is not the address of this account: nothing was deleted.', '')
    }
    const { refusal, deleted } = await deleteAccount(actorHere(ctx), account.id)
    if (!deleted) {
      return this.#back(ctx, refusal, '')
    }
    const { rows, files, agents } = deleted
    session.flash(
      'success',
      `${account.fullName} is deleted: ${rows} observations, ${files} files, ${agents} computers revoked`
    )
    return response.redirect().toRoute('users.index')
  }

  /** A link to a new password, which somebody has to pass on: there is no mail server. */
  async link(ctx: HttpContext) {
    const account = await User.findOrFail(ctx.params.id)
    const refusal = ownerRefusal(actorHere(ctx), account)
    if (!refusal) {
      const purpose = account.invitedAt ? 'invitation' : 'reset'
      const key = await makeAccountLink(actorHere(ctx), account, purpose)
      const page = purpose === 'invitation' ? 'invite' : 'reset'
      ctx.session.flash('link', `${appUrl}/${page}/${key}`)
    }
    return this.#back(ctx, refusal, 'The link is below')
  }

  async signOut(ctx: HttpContext) {
    const account = await User.findOrFail(ctx.params.id)
    const refusal = ownerRefusal(actorHere(ctx), account)
    const count = refusal ? 0 : await endSessions(account)
    return this.#back(ctx, refusal, `${count} sessions are ended`)
  }

  async resetTwoFactor(ctx: HttpContext) {
    await resetTwoFactor(actorHere(ctx), await User.findOrFail(ctx.params.id))
    return this.#back(ctx, null, 'The second factor is off')
  }

  #back({ params, response, session }: HttpContext, refusal: string | null, done: string) {
    session.flash(refusal ? 'error' : 'success', refusal ?? done)
    return response.redirect().toRoute('users.show', { id: params.id })
  }

  async #choices(auth: HttpContext['auth']) {
    const { role } = auth.use('web').getUserOrFail()
    const roles = ROLES.filter((one) => one !== 'owner' || role === 'owner')
    return { roles, teams: await Team.query().orderBy('name') }
  }

  async #problemOf(user: User, { email, role }: { email: string; role: string }) {
    if (role === 'owner' && user.role !== 'owner') {
      return 'Only an owner makes an owner.'
    }
    return (await User.findBy('email', email))
      ? 'There is an account of this address already.'
      : null
  }
}

type Form = Awaited<ReturnType<typeof accountValidator.validate>>

function accountOf({ email, name, role, team, time_zone: timeZone }: Form) {
  return { email, fullName: name, role, teamId: team ?? null, timeZone }
}

function actorOf(auth: HttpContext['auth'], address: string): Actor {
  return { user: auth.use('web').getUserOrFail(), address }
}

function actorHere({ auth, request }: HttpContext): Actor {
  return actorOf(auth, request.ip())
}
