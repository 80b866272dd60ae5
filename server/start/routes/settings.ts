/*
|--------------------------------------------------------------------------
| Accounts: one's own, and those of the organisation
|--------------------------------------------------------------------------
*/
import { controllers } from '#generated/controllers'
import { ROLES } from '#models/user'
import { throttleForgotten } from '#start/limiter'
import { everybody, NUMBER, only } from '#start/routes/shared'
import router from '@adonisjs/core/services/router'

const KEY = /^[\w-]{16,128}$/

const people = only(ROLES)
const admins = only(['owner', 'admin'])
const owners = only(['owner'])

router
  .group(() => {
    router.get('login/code', [controllers.Challenges, 'create']).as('challenges.create')
    router.post('login/code', [controllers.Challenges, 'store']).as('challenges.store')
    router.get('invite/:key', [controllers.Invitations, 'show']).as('invitations.show')
    router.post('invite/:key', [controllers.Invitations, 'update']).as('invitations.update')
    router.get('forgot', [controllers.PasswordResets, 'create']).as('password_resets.create')
    router.get('reset/:key', [controllers.PasswordResets, 'show']).as('password_resets.show')
    router.post('reset/:key', [controllers.PasswordResets, 'update']).as('password_resets.update')
  })
  .where('key', KEY)
  .use(everybody)
router
  .post('forgot', [controllers.PasswordResets, 'store'])
  .as('password_resets.store')
  .use([...everybody, throttleForgotten])

router
  .group(() => {
    router.get('', [controllers.Settings, 'index']).as('settings.index')
    router.get('profile', [controllers.Profile, 'show']).as('profile.show')
    router.post('profile', [controllers.Profile, 'update']).as('profile.update')
    router.post('profile/password', [controllers.Profile, 'password']).as('profile.password')
    router.delete('sessions/:key', [controllers.Profile, 'endSession']).as('profile.end_session')
    router.get('two-factor', [controllers.TwoFactor, 'show']).as('two_factor.show')
    router.post('two-factor', [controllers.TwoFactor, 'store']).as('two_factor.store')
    router.post('two-factor/codes', [controllers.TwoFactor, 'update']).as('two_factor.update')
    router.post('two-factor/off', [controllers.TwoFactor, 'destroy']).as('two_factor.destroy')
    router.get('tokens', [controllers.Tokens, 'index']).as('tokens.index')
    router.post('tokens', [controllers.Tokens, 'store']).as('tokens.store')
    router
      .delete('tokens/:id', [controllers.Tokens, 'destroy'])
      .where('id', NUMBER)
      .as('tokens.destroy')
  })
  .prefix('settings')
  .where('key', /^[0-9a-f]{64}$|^others$/)
  .use(people)

router
  .group(() => {
    router.get('users', [controllers.Users, 'index']).as('users.index')
    router.get('users/new', [controllers.Users, 'create']).as('users.create')
    router.post('users', [controllers.Users, 'store']).as('users.store')
    router.get('users/:id', [controllers.Users, 'show']).as('users.show')
    router.post('users/:id', [controllers.Users, 'update']).as('users.update')
    router.delete('users/:id', [controllers.Users, 'destroy']).as('users.destroy')
    router.post('users/:id/disable', [controllers.Users, 'disable']).as('users.disable')
    router.post('users/:id/enable', [controllers.Users, 'enable']).as('users.enable')
    router.post('users/:id/link', [controllers.Users, 'link']).as('users.link')
    router.post('users/:id/sign-out', [controllers.Users, 'signOut']).as('users.sign_out')
    router.get('teams', [controllers.Teams, 'index']).as('teams.index')
    router.post('teams', [controllers.Teams, 'store']).as('teams.store')
    router.get('teams/:id', [controllers.Teams, 'show']).as('teams.show')
    router.post('teams/:id', [controllers.Teams, 'update']).as('teams.update')
    router.delete('teams/:id', [controllers.Teams, 'destroy']).as('teams.destroy')
    router.post('teams/:id/people', [controllers.Teams, 'join']).as('teams.join')
    router.delete('teams/:id/people/:person', [controllers.Teams, 'leave']).as('teams.leave')
    router.get('storage', [controllers.Storage, 'index']).as('storage.index')
    router.post('storage', [controllers.Storage, 'update']).as('storage.update')
    router
      .post('storage/google-drive', [controllers.Storage, 'updateDrive'])
      .as('storage.update_drive')
    router
      .get('storage/google-drive/connect', [controllers.Storage, 'connect'])
      .as('storage.connect')
    router
      .get('storage/google-drive/callback', [controllers.Storage, 'callback'])
      .as('storage.callback')
    router
      .post('storage/google-drive/disconnect', [controllers.Storage, 'disconnect'])
      .as('storage.disconnect')
    router.post('storage/:disk/check', [controllers.Storage, 'check']).as('storage.check')
    router.get('holds', [controllers.Holds, 'index']).as('holds.index')
    router.post('holds', [controllers.Holds, 'store']).as('holds.store')
    router.delete('holds/:id', [controllers.Holds, 'destroy']).as('holds.destroy')
    router.get('system', [controllers.Settings, 'system']).as('settings.system')
    router.delete('system/jobs/:id', [controllers.Settings, 'forgetJob']).as('settings.forget_job')
    router.get('notices', [controllers.Settings, 'notices']).as('settings.notices')
    router.get('retention', [controllers.Settings, 'retention']).as('settings.retention')
    router.get('codes', [controllers.EnrolmentCodes, 'index']).as('codes.index')
    router.delete('codes/:id', [controllers.EnrolmentCodes, 'destroy']).as('codes.destroy')
  })
  .prefix('settings')
  .where('id', NUMBER)
  .where('person', NUMBER)
  .where('disk', /^(?:local|s3|google-drive)$/)
  .use(admins)

router
  .group(() => {
    router.get('organisation', [controllers.Settings, 'organisation']).as('settings.organisation')
    router
      .post('organisation', [controllers.Settings, 'updateOrganisation'])
      .as('settings.update_organisation')
    router.get('security', [controllers.Settings, 'security']).as('settings.security')
    router.post('security', [controllers.Settings, 'updateSecurity']).as('settings.update_security')
    router
      .post('users/:id/two-factor/reset', [controllers.Users, 'resetTwoFactor'])
      .where('id', NUMBER)
      .as('users.reset_two_factor')
  })
  .prefix('settings')
  .use(owners)

/** Not found in production. */
router.get('dev/components', [controllers.Components, 'index']).as('dev.components').use(admins)
