import '@adonisjs/core/types/http'

type ParamValue = string | number | bigint | boolean

export type ScannedRoutes = {
  ALL: {
    'event_stream': { paramsTuple?: []; params?: {} }
    'subscribe': { paramsTuple?: []; params?: {} }
    'unsubscribe': { paramsTuple?: []; params?: {} }
    'api.enrolments.store': { paramsTuple?: []; params?: {} }
    'api.enrolment_requests.store': { paramsTuple?: []; params?: {} }
    'api.enrolment_requests.poll': { paramsTuple?: []; params?: {} }
    'api.observations.store': { paramsTuple?: []; params?: {} }
    'api.agent_configurations.show': { paramsTuple?: []; params?: {} }
    'api.agent_configurations.acknowledge': { paramsTuple?: []; params?: {} }
    'api.agents.index': { paramsTuple?: []; params?: {} }
    'api.agents.store': { paramsTuple?: []; params?: {} }
    'api.agents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.agents.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.agents.gaps': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.heartbeats.index': { paramsTuple?: []; params?: {} }
    'api.heartbeats.store': { paramsTuple?: []; params?: {} }
    'api.heartbeats.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.activities.index': { paramsTuple?: []; params?: {} }
    'api.activities.store': { paramsTuple?: []; params?: {} }
    'api.activities.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.activities.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.sessions.index': { paramsTuple?: []; params?: {} }
    'api.sessions.store': { paramsTuple?: []; params?: {} }
    'api.sessions.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.sessions.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.categories.index': { paramsTuple?: []; params?: {} }
    'api.categories.test': { paramsTuple?: []; params?: {} }
    'api.categories.store': { paramsTuple?: []; params?: {} }
    'api.categories.recategorise': { paramsTuple?: []; params?: {} }
    'api.categories.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.categories.add_rule': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.categories.remove_rule': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.accesses.index': { paramsTuple?: []; params?: {} }
    'api.stats.hourly': { paramsTuple?: []; params?: {} }
    'api.stats.daily': { paramsTuple?: []; params?: {} }
    'api.stats.trends': { paramsTuple?: []; params?: {} }
    'api.stats.explain': { paramsTuple?: []; params?: {} }
    'api.uploads.store': { paramsTuple?: []; params?: {} }
    'api.screenshots.index': { paramsTuple?: []; params?: {} }
    'api.screenshots.store': { paramsTuple?: []; params?: {} }
    'api.screenshots.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.screenshots.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.recordings.index': { paramsTuple?: []; params?: {} }
    'api.recordings.store': { paramsTuple?: []; params?: {} }
    'api.recordings.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.recordings.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.recording': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.gaps.index': { paramsTuple?: []; params?: {} }
    'api.gaps.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.evictions.index': { paramsTuple?: []; params?: {} }
    'api.deletions.index': { paramsTuple?: []; params?: {} }
    'api.people.index': { paramsTuple?: []; params?: {} }
    'api.people.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.teams.index': { paramsTuple?: []; params?: {} }
    'api.teams.store': { paramsTuple?: []; params?: {} }
    'api.teams.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.teams.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.teams.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.tokens.index': { paramsTuple?: []; params?: {} }
    'api.tokens.store': { paramsTuple?: []; params?: {} }
    'api.tokens.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.enrolment_codes.index': { paramsTuple?: []; params?: {} }
    'api.enrolment_codes.store': { paramsTuple?: []; params?: {} }
    'api.enrolment_codes.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.enrolment_codes.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.policies.explain': { paramsTuple?: []; params?: {} }
    'api.policies.show': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'api.policies.update': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'openapi.json': { paramsTuple?: []; params?: {} }
    'openapi.yaml': { paramsTuple?: []; params?: {} }
    'openapi.page': { paramsTuple?: []; params?: {} }
    'openapi.file': { paramsTuple: [ParamValue]; params: {'file': ParamValue} }
    'media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.recording': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'health.health.live': { paramsTuple?: []; params?: {} }
    'health.health.ready': { paramsTuple?: []; params?: {} }
    'me_pause.show': { paramsTuple?: []; params?: {} }
    'me_pause.store': { paramsTuple?: []; params?: {} }
    'me_pause.destroy': { paramsTuple?: []; params?: {} }
    'me_notice.show': { paramsTuple?: []; params?: {} }
    'me_notice.download': { paramsTuple?: []; params?: {} }
    'me_data.show': { paramsTuple?: []; params?: {} }
    'me_data.export': { paramsTuple?: []; params?: {} }
    'me_data.store': { paramsTuple?: []; params?: {} }
    'subject_requests.index': { paramsTuple?: []; params?: {} }
    'subject_requests.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'exports.index': { paramsTuple?: []; params?: {} }
    'exports.store': { paramsTuple?: []; params?: {} }
    'exports.download': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'exports.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'exports.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'session.create': { paramsTuple?: []; params?: {} }
    'session.store': { paramsTuple?: []; params?: {} }
    'session.destroy': { paramsTuple?: []; params?: {} }
    'welcome.show': { paramsTuple?: []; params?: {} }
    'welcome.dismiss': { paramsTuple?: []; params?: {} }
    'theme.store': { paramsTuple?: []; params?: {} }
    'transparency': { paramsTuple?: []; params?: {} }
    'overview': { paramsTuple?: []; params?: {} }
    'agents.index': { paramsTuple?: []; params?: {} }
    'agents.create': { paramsTuple?: []; params?: {} }
    'codes.store': { paramsTuple?: []; params?: {} }
    'enrolment_requests.index': { paramsTuple?: []; params?: {} }
    'enrolment_requests.show': { paramsTuple: [ParamValue]; params: {'code': ParamValue} }
    'enrolment_requests.confirm': { paramsTuple: [ParamValue]; params: {'code': ParamValue} }
    'enrolment_requests.refuse': { paramsTuple: [ParamValue]; params: {'code': ParamValue} }
    'agents.health': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'agents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'revocations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'records.index': { paramsTuple?: []; params?: {} }
    'activities.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'activities.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'screenshots.index': { paramsTuple?: []; params?: {} }
    'screenshots.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'screenshots.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'screenshots.purposes.store': { paramsTuple?: []; params?: {} }
    'screenshots.selection.destroy': { paramsTuple?: []; params?: {} }
    'screenshots.selection.hold': { paramsTuple?: []; params?: {} }
    'people.list.purposes.store': { paramsTuple?: []; params?: {} }
    'people.index': { paramsTuple?: []; params?: {} }
    'people.download': { paramsTuple?: []; params?: {} }
    'people.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.purposes.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.days.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.days.download': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue} }
    'people.days.nearest': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue} }
    'people.days.show': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue} }
    'people.notes.answer': { paramsTuple: [ParamValue,ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue,'note': ParamValue} }
    'live.index': { paramsTuple?: []; params?: {} }
    'live.purposes.store': { paramsTuple?: []; params?: {} }
    'categories.index': { paramsTuple?: []; params?: {} }
    'categories.store': { paramsTuple?: []; params?: {} }
    'categories.recategorise': { paramsTuple?: []; params?: {} }
    'categories.rules.assign': { paramsTuple?: []; params?: {} }
    'categories.rules.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'categories.rules.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'categories.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'reports.trends': { paramsTuple?: []; params?: {} }
    'reports.trends.download': { paramsTuple?: []; params?: {} }
    'reports.index': { paramsTuple?: []; params?: {} }
    'house_reports.show': { paramsTuple: [ParamValue]; params: {'name': ParamValue} }
    'house_reports.download': { paramsTuple: [ParamValue]; params: {'name': ParamValue} }
    'house_reports.export': { paramsTuple: [ParamValue]; params: {'name': ParamValue} }
    'recordings.index': { paramsTuple?: []; params?: {} }
    'recordings.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'recordings.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'search': { paramsTuple?: []; params?: {} }
    'me.today': { paramsTuple?: []; params?: {} }
    'me.now': { paramsTuple?: []; params?: {} }
    'me.days.index': { paramsTuple?: []; params?: {} }
    'me.days.download': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'me.days.nearest': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'me.days.show': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'me.notes.store': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'me.notes.destroy': { paramsTuple: [ParamValue,ParamValue]; params: {'date': ParamValue,'note': ParamValue} }
    'policies.explain': { paramsTuple?: []; params?: {} }
    'policies.index': { paramsTuple?: []; params?: {} }
    'policies.choose': { paramsTuple?: []; params?: {} }
    'policies.edit': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'policies.update': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'policies.preview': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'audit.index': { paramsTuple?: []; params?: {} }
    'audit.download': { paramsTuple?: []; params?: {} }
    'audit.export': { paramsTuple?: []; params?: {} }
    'agents.edit': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'agents.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'accesses.index': { paramsTuple?: []; params?: {} }
    'former.monitoring/dashboard': { paramsTuple?: []; params?: {} }
    'former.admin': { paramsTuple?: []; params?: {} }
    'challenges.create': { paramsTuple?: []; params?: {} }
    'challenges.store': { paramsTuple?: []; params?: {} }
    'invitations.show': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'invitations.update': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'password_resets.create': { paramsTuple?: []; params?: {} }
    'password_resets.show': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'password_resets.update': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'password_resets.store': { paramsTuple?: []; params?: {} }
    'settings.index': { paramsTuple?: []; params?: {} }
    'profile.show': { paramsTuple?: []; params?: {} }
    'profile.update': { paramsTuple?: []; params?: {} }
    'profile.password': { paramsTuple?: []; params?: {} }
    'profile.end_session': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'two_factor.show': { paramsTuple?: []; params?: {} }
    'two_factor.store': { paramsTuple?: []; params?: {} }
    'two_factor.update': { paramsTuple?: []; params?: {} }
    'two_factor.destroy': { paramsTuple?: []; params?: {} }
    'tokens.index': { paramsTuple?: []; params?: {} }
    'tokens.store': { paramsTuple?: []; params?: {} }
    'tokens.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.index': { paramsTuple?: []; params?: {} }
    'users.create': { paramsTuple?: []; params?: {} }
    'users.store': { paramsTuple?: []; params?: {} }
    'users.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.disable': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.enable': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.link': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.sign_out': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.index': { paramsTuple?: []; params?: {} }
    'teams.store': { paramsTuple?: []; params?: {} }
    'teams.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.join': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.leave': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'person': ParamValue} }
    'storage.index': { paramsTuple?: []; params?: {} }
    'storage.update': { paramsTuple?: []; params?: {} }
    'storage.update_drive': { paramsTuple?: []; params?: {} }
    'storage.connect': { paramsTuple?: []; params?: {} }
    'storage.callback': { paramsTuple?: []; params?: {} }
    'storage.disconnect': { paramsTuple?: []; params?: {} }
    'storage.check': { paramsTuple: [ParamValue]; params: {'disk': ParamValue} }
    'holds.index': { paramsTuple?: []; params?: {} }
    'holds.store': { paramsTuple?: []; params?: {} }
    'holds.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'settings.system': { paramsTuple?: []; params?: {} }
    'settings.forget_job': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'settings.notices': { paramsTuple?: []; params?: {} }
    'settings.retention': { paramsTuple?: []; params?: {} }
    'codes.index': { paramsTuple?: []; params?: {} }
    'codes.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'settings.organisation': { paramsTuple?: []; params?: {} }
    'settings.update_organisation': { paramsTuple?: []; params?: {} }
    'settings.security': { paramsTuple?: []; params?: {} }
    'settings.update_security': { paramsTuple?: []; params?: {} }
    'users.reset_two_factor': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'dev.components': { paramsTuple?: []; params?: {} }
  }
  GET: {
    'event_stream': { paramsTuple?: []; params?: {} }
    'api.agent_configurations.show': { paramsTuple?: []; params?: {} }
    'api.agents.index': { paramsTuple?: []; params?: {} }
    'api.agents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.agents.gaps': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.heartbeats.index': { paramsTuple?: []; params?: {} }
    'api.heartbeats.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.activities.index': { paramsTuple?: []; params?: {} }
    'api.activities.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.sessions.index': { paramsTuple?: []; params?: {} }
    'api.sessions.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.categories.index': { paramsTuple?: []; params?: {} }
    'api.categories.test': { paramsTuple?: []; params?: {} }
    'api.accesses.index': { paramsTuple?: []; params?: {} }
    'api.stats.hourly': { paramsTuple?: []; params?: {} }
    'api.stats.daily': { paramsTuple?: []; params?: {} }
    'api.stats.trends': { paramsTuple?: []; params?: {} }
    'api.stats.explain': { paramsTuple?: []; params?: {} }
    'api.screenshots.index': { paramsTuple?: []; params?: {} }
    'api.screenshots.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.recordings.index': { paramsTuple?: []; params?: {} }
    'api.recordings.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.recording': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.gaps.index': { paramsTuple?: []; params?: {} }
    'api.gaps.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.evictions.index': { paramsTuple?: []; params?: {} }
    'api.deletions.index': { paramsTuple?: []; params?: {} }
    'api.people.index': { paramsTuple?: []; params?: {} }
    'api.people.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.teams.index': { paramsTuple?: []; params?: {} }
    'api.teams.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.tokens.index': { paramsTuple?: []; params?: {} }
    'api.enrolment_codes.index': { paramsTuple?: []; params?: {} }
    'api.enrolment_codes.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.policies.explain': { paramsTuple?: []; params?: {} }
    'api.policies.show': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'openapi.json': { paramsTuple?: []; params?: {} }
    'openapi.yaml': { paramsTuple?: []; params?: {} }
    'openapi.page': { paramsTuple?: []; params?: {} }
    'openapi.file': { paramsTuple: [ParamValue]; params: {'file': ParamValue} }
    'media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.recording': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'health.health.live': { paramsTuple?: []; params?: {} }
    'health.health.ready': { paramsTuple?: []; params?: {} }
    'me_pause.show': { paramsTuple?: []; params?: {} }
    'me_notice.show': { paramsTuple?: []; params?: {} }
    'me_notice.download': { paramsTuple?: []; params?: {} }
    'me_data.show': { paramsTuple?: []; params?: {} }
    'subject_requests.index': { paramsTuple?: []; params?: {} }
    'exports.index': { paramsTuple?: []; params?: {} }
    'exports.download': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'session.create': { paramsTuple?: []; params?: {} }
    'welcome.show': { paramsTuple?: []; params?: {} }
    'transparency': { paramsTuple?: []; params?: {} }
    'overview': { paramsTuple?: []; params?: {} }
    'agents.index': { paramsTuple?: []; params?: {} }
    'agents.create': { paramsTuple?: []; params?: {} }
    'enrolment_requests.index': { paramsTuple?: []; params?: {} }
    'enrolment_requests.show': { paramsTuple: [ParamValue]; params: {'code': ParamValue} }
    'agents.health': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'agents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'records.index': { paramsTuple?: []; params?: {} }
    'activities.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'screenshots.index': { paramsTuple?: []; params?: {} }
    'screenshots.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.index': { paramsTuple?: []; params?: {} }
    'people.download': { paramsTuple?: []; params?: {} }
    'people.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.days.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.days.download': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue} }
    'people.days.nearest': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue} }
    'people.days.show': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue} }
    'live.index': { paramsTuple?: []; params?: {} }
    'categories.index': { paramsTuple?: []; params?: {} }
    'reports.trends': { paramsTuple?: []; params?: {} }
    'reports.trends.download': { paramsTuple?: []; params?: {} }
    'reports.index': { paramsTuple?: []; params?: {} }
    'house_reports.show': { paramsTuple: [ParamValue]; params: {'name': ParamValue} }
    'house_reports.download': { paramsTuple: [ParamValue]; params: {'name': ParamValue} }
    'house_reports.export': { paramsTuple: [ParamValue]; params: {'name': ParamValue} }
    'recordings.index': { paramsTuple?: []; params?: {} }
    'recordings.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'search': { paramsTuple?: []; params?: {} }
    'me.today': { paramsTuple?: []; params?: {} }
    'me.now': { paramsTuple?: []; params?: {} }
    'me.days.index': { paramsTuple?: []; params?: {} }
    'me.days.download': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'me.days.nearest': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'me.days.show': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'policies.explain': { paramsTuple?: []; params?: {} }
    'policies.index': { paramsTuple?: []; params?: {} }
    'policies.choose': { paramsTuple?: []; params?: {} }
    'policies.edit': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'audit.index': { paramsTuple?: []; params?: {} }
    'audit.download': { paramsTuple?: []; params?: {} }
    'audit.export': { paramsTuple?: []; params?: {} }
    'agents.edit': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'accesses.index': { paramsTuple?: []; params?: {} }
    'former.monitoring/dashboard': { paramsTuple?: []; params?: {} }
    'former.admin': { paramsTuple?: []; params?: {} }
    'challenges.create': { paramsTuple?: []; params?: {} }
    'invitations.show': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'password_resets.create': { paramsTuple?: []; params?: {} }
    'password_resets.show': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'settings.index': { paramsTuple?: []; params?: {} }
    'profile.show': { paramsTuple?: []; params?: {} }
    'two_factor.show': { paramsTuple?: []; params?: {} }
    'tokens.index': { paramsTuple?: []; params?: {} }
    'users.index': { paramsTuple?: []; params?: {} }
    'users.create': { paramsTuple?: []; params?: {} }
    'users.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.index': { paramsTuple?: []; params?: {} }
    'teams.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'storage.index': { paramsTuple?: []; params?: {} }
    'storage.connect': { paramsTuple?: []; params?: {} }
    'storage.callback': { paramsTuple?: []; params?: {} }
    'holds.index': { paramsTuple?: []; params?: {} }
    'settings.system': { paramsTuple?: []; params?: {} }
    'settings.notices': { paramsTuple?: []; params?: {} }
    'settings.retention': { paramsTuple?: []; params?: {} }
    'codes.index': { paramsTuple?: []; params?: {} }
    'settings.organisation': { paramsTuple?: []; params?: {} }
    'settings.security': { paramsTuple?: []; params?: {} }
    'dev.components': { paramsTuple?: []; params?: {} }
  }
  HEAD: {
    'event_stream': { paramsTuple?: []; params?: {} }
    'api.agent_configurations.show': { paramsTuple?: []; params?: {} }
    'api.agents.index': { paramsTuple?: []; params?: {} }
    'api.agents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.agents.gaps': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.heartbeats.index': { paramsTuple?: []; params?: {} }
    'api.heartbeats.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.activities.index': { paramsTuple?: []; params?: {} }
    'api.activities.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.sessions.index': { paramsTuple?: []; params?: {} }
    'api.sessions.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.categories.index': { paramsTuple?: []; params?: {} }
    'api.categories.test': { paramsTuple?: []; params?: {} }
    'api.accesses.index': { paramsTuple?: []; params?: {} }
    'api.stats.hourly': { paramsTuple?: []; params?: {} }
    'api.stats.daily': { paramsTuple?: []; params?: {} }
    'api.stats.trends': { paramsTuple?: []; params?: {} }
    'api.stats.explain': { paramsTuple?: []; params?: {} }
    'api.screenshots.index': { paramsTuple?: []; params?: {} }
    'api.screenshots.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.recordings.index': { paramsTuple?: []; params?: {} }
    'api.recordings.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.recording': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.gaps.index': { paramsTuple?: []; params?: {} }
    'api.gaps.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.evictions.index': { paramsTuple?: []; params?: {} }
    'api.deletions.index': { paramsTuple?: []; params?: {} }
    'api.people.index': { paramsTuple?: []; params?: {} }
    'api.people.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.teams.index': { paramsTuple?: []; params?: {} }
    'api.teams.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.tokens.index': { paramsTuple?: []; params?: {} }
    'api.enrolment_codes.index': { paramsTuple?: []; params?: {} }
    'api.enrolment_codes.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.policies.explain': { paramsTuple?: []; params?: {} }
    'api.policies.show': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'openapi.json': { paramsTuple?: []; params?: {} }
    'openapi.yaml': { paramsTuple?: []; params?: {} }
    'openapi.page': { paramsTuple?: []; params?: {} }
    'openapi.file': { paramsTuple: [ParamValue]; params: {'file': ParamValue} }
    'media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.recording': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'health.health.live': { paramsTuple?: []; params?: {} }
    'health.health.ready': { paramsTuple?: []; params?: {} }
    'me_pause.show': { paramsTuple?: []; params?: {} }
    'me_notice.show': { paramsTuple?: []; params?: {} }
    'me_notice.download': { paramsTuple?: []; params?: {} }
    'me_data.show': { paramsTuple?: []; params?: {} }
    'subject_requests.index': { paramsTuple?: []; params?: {} }
    'exports.index': { paramsTuple?: []; params?: {} }
    'exports.download': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'session.create': { paramsTuple?: []; params?: {} }
    'welcome.show': { paramsTuple?: []; params?: {} }
    'transparency': { paramsTuple?: []; params?: {} }
    'overview': { paramsTuple?: []; params?: {} }
    'agents.index': { paramsTuple?: []; params?: {} }
    'agents.create': { paramsTuple?: []; params?: {} }
    'enrolment_requests.index': { paramsTuple?: []; params?: {} }
    'enrolment_requests.show': { paramsTuple: [ParamValue]; params: {'code': ParamValue} }
    'agents.health': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'agents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'records.index': { paramsTuple?: []; params?: {} }
    'activities.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'screenshots.index': { paramsTuple?: []; params?: {} }
    'screenshots.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.index': { paramsTuple?: []; params?: {} }
    'people.download': { paramsTuple?: []; params?: {} }
    'people.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.days.index': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.days.download': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue} }
    'people.days.nearest': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue} }
    'people.days.show': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue} }
    'live.index': { paramsTuple?: []; params?: {} }
    'categories.index': { paramsTuple?: []; params?: {} }
    'reports.trends': { paramsTuple?: []; params?: {} }
    'reports.trends.download': { paramsTuple?: []; params?: {} }
    'reports.index': { paramsTuple?: []; params?: {} }
    'house_reports.show': { paramsTuple: [ParamValue]; params: {'name': ParamValue} }
    'house_reports.download': { paramsTuple: [ParamValue]; params: {'name': ParamValue} }
    'house_reports.export': { paramsTuple: [ParamValue]; params: {'name': ParamValue} }
    'recordings.index': { paramsTuple?: []; params?: {} }
    'recordings.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'search': { paramsTuple?: []; params?: {} }
    'me.today': { paramsTuple?: []; params?: {} }
    'me.now': { paramsTuple?: []; params?: {} }
    'me.days.index': { paramsTuple?: []; params?: {} }
    'me.days.download': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'me.days.nearest': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'me.days.show': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'policies.explain': { paramsTuple?: []; params?: {} }
    'policies.index': { paramsTuple?: []; params?: {} }
    'policies.choose': { paramsTuple?: []; params?: {} }
    'policies.edit': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'audit.index': { paramsTuple?: []; params?: {} }
    'audit.download': { paramsTuple?: []; params?: {} }
    'audit.export': { paramsTuple?: []; params?: {} }
    'agents.edit': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'accesses.index': { paramsTuple?: []; params?: {} }
    'former.monitoring/dashboard': { paramsTuple?: []; params?: {} }
    'former.admin': { paramsTuple?: []; params?: {} }
    'challenges.create': { paramsTuple?: []; params?: {} }
    'invitations.show': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'password_resets.create': { paramsTuple?: []; params?: {} }
    'password_resets.show': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'settings.index': { paramsTuple?: []; params?: {} }
    'profile.show': { paramsTuple?: []; params?: {} }
    'two_factor.show': { paramsTuple?: []; params?: {} }
    'tokens.index': { paramsTuple?: []; params?: {} }
    'users.index': { paramsTuple?: []; params?: {} }
    'users.create': { paramsTuple?: []; params?: {} }
    'users.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.index': { paramsTuple?: []; params?: {} }
    'teams.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'storage.index': { paramsTuple?: []; params?: {} }
    'storage.connect': { paramsTuple?: []; params?: {} }
    'storage.callback': { paramsTuple?: []; params?: {} }
    'holds.index': { paramsTuple?: []; params?: {} }
    'settings.system': { paramsTuple?: []; params?: {} }
    'settings.notices': { paramsTuple?: []; params?: {} }
    'settings.retention': { paramsTuple?: []; params?: {} }
    'codes.index': { paramsTuple?: []; params?: {} }
    'settings.organisation': { paramsTuple?: []; params?: {} }
    'settings.security': { paramsTuple?: []; params?: {} }
    'dev.components': { paramsTuple?: []; params?: {} }
  }
  POST: {
    'subscribe': { paramsTuple?: []; params?: {} }
    'unsubscribe': { paramsTuple?: []; params?: {} }
    'api.enrolments.store': { paramsTuple?: []; params?: {} }
    'api.enrolment_requests.store': { paramsTuple?: []; params?: {} }
    'api.enrolment_requests.poll': { paramsTuple?: []; params?: {} }
    'api.observations.store': { paramsTuple?: []; params?: {} }
    'api.agent_configurations.acknowledge': { paramsTuple?: []; params?: {} }
    'api.agents.store': { paramsTuple?: []; params?: {} }
    'api.heartbeats.store': { paramsTuple?: []; params?: {} }
    'api.activities.store': { paramsTuple?: []; params?: {} }
    'api.sessions.store': { paramsTuple?: []; params?: {} }
    'api.categories.store': { paramsTuple?: []; params?: {} }
    'api.categories.recategorise': { paramsTuple?: []; params?: {} }
    'api.categories.add_rule': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.uploads.store': { paramsTuple?: []; params?: {} }
    'api.screenshots.store': { paramsTuple?: []; params?: {} }
    'api.recordings.store': { paramsTuple?: []; params?: {} }
    'api.teams.store': { paramsTuple?: []; params?: {} }
    'api.tokens.store': { paramsTuple?: []; params?: {} }
    'api.enrolment_codes.store': { paramsTuple?: []; params?: {} }
    'me_pause.store': { paramsTuple?: []; params?: {} }
    'me_pause.destroy': { paramsTuple?: []; params?: {} }
    'me_data.export': { paramsTuple?: []; params?: {} }
    'me_data.store': { paramsTuple?: []; params?: {} }
    'subject_requests.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'exports.store': { paramsTuple?: []; params?: {} }
    'exports.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'session.store': { paramsTuple?: []; params?: {} }
    'session.destroy': { paramsTuple?: []; params?: {} }
    'welcome.dismiss': { paramsTuple?: []; params?: {} }
    'theme.store': { paramsTuple?: []; params?: {} }
    'codes.store': { paramsTuple?: []; params?: {} }
    'enrolment_requests.confirm': { paramsTuple: [ParamValue]; params: {'code': ParamValue} }
    'enrolment_requests.refuse': { paramsTuple: [ParamValue]; params: {'code': ParamValue} }
    'revocations.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'screenshots.purposes.store': { paramsTuple?: []; params?: {} }
    'screenshots.selection.destroy': { paramsTuple?: []; params?: {} }
    'screenshots.selection.hold': { paramsTuple?: []; params?: {} }
    'people.list.purposes.store': { paramsTuple?: []; params?: {} }
    'people.purposes.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'people.notes.answer': { paramsTuple: [ParamValue,ParamValue,ParamValue]; params: {'id': ParamValue,'date': ParamValue,'note': ParamValue} }
    'live.purposes.store': { paramsTuple?: []; params?: {} }
    'categories.store': { paramsTuple?: []; params?: {} }
    'categories.recategorise': { paramsTuple?: []; params?: {} }
    'categories.rules.assign': { paramsTuple?: []; params?: {} }
    'categories.rules.store': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'me.notes.store': { paramsTuple: [ParamValue]; params: {'date': ParamValue} }
    'policies.update': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'policies.preview': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
    'agents.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'challenges.store': { paramsTuple?: []; params?: {} }
    'invitations.update': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'password_resets.update': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'password_resets.store': { paramsTuple?: []; params?: {} }
    'profile.update': { paramsTuple?: []; params?: {} }
    'profile.password': { paramsTuple?: []; params?: {} }
    'two_factor.store': { paramsTuple?: []; params?: {} }
    'two_factor.update': { paramsTuple?: []; params?: {} }
    'two_factor.destroy': { paramsTuple?: []; params?: {} }
    'tokens.store': { paramsTuple?: []; params?: {} }
    'users.store': { paramsTuple?: []; params?: {} }
    'users.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.disable': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.enable': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.link': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.sign_out': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.store': { paramsTuple?: []; params?: {} }
    'teams.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.join': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'storage.update': { paramsTuple?: []; params?: {} }
    'storage.update_drive': { paramsTuple?: []; params?: {} }
    'storage.disconnect': { paramsTuple?: []; params?: {} }
    'storage.check': { paramsTuple: [ParamValue]; params: {'disk': ParamValue} }
    'holds.store': { paramsTuple?: []; params?: {} }
    'settings.update_organisation': { paramsTuple?: []; params?: {} }
    'settings.update_security': { paramsTuple?: []; params?: {} }
    'users.reset_two_factor': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
  }
  DELETE: {
    'api.agents.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.activities.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.sessions.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.categories.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.categories.remove_rule': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.screenshots.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.recordings.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.teams.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.tokens.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.enrolment_codes.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'exports.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'activities.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'screenshots.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'categories.rules.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'categories.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'recordings.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'me.notes.destroy': { paramsTuple: [ParamValue,ParamValue]; params: {'date': ParamValue,'note': ParamValue} }
    'profile.end_session': { paramsTuple: [ParamValue]; params: {'key': ParamValue} }
    'tokens.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'users.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'teams.leave': { paramsTuple: [ParamValue,ParamValue]; params: {'id': ParamValue,'person': ParamValue} }
    'holds.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'settings.forget_job': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'codes.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
  }
  PATCH: {
    'api.teams.update': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
  }
  PUT: {
    'api.policies.update': { paramsTuple: [ParamValue,ParamValue]; params: {'level': ParamValue,'id': ParamValue} }
  }
}
declare module '@adonisjs/core/types/http' {
  export interface RoutesList extends ScannedRoutes {}
}