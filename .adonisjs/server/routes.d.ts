import '@adonisjs/core/types/http'

type ParamValue = string | number | bigint | boolean

export type ScannedRoutes = {
  ALL: {
    'event_stream': { paramsTuple?: []; params?: {} }
    'subscribe': { paramsTuple?: []; params?: {} }
    'unsubscribe': { paramsTuple?: []; params?: {} }
    'api.enrolments.store': { paramsTuple?: []; params?: {} }
    'api.observations.store': { paramsTuple?: []; params?: {} }
    'api.agents.index': { paramsTuple?: []; params?: {} }
    'api.agents.store': { paramsTuple?: []; params?: {} }
    'api.agents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.agents.gaps': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.heartbeats.index': { paramsTuple?: []; params?: {} }
    'api.heartbeats.store': { paramsTuple?: []; params?: {} }
    'api.heartbeats.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.screenshots.index': { paramsTuple?: []; params?: {} }
    'api.screenshots.store': { paramsTuple?: []; params?: {} }
    'api.screenshots.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.screenshots.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'health.health.live': { paramsTuple?: []; params?: {} }
    'health.health.ready': { paramsTuple?: []; params?: {} }
  }
  GET: {
    'event_stream': { paramsTuple?: []; params?: {} }
    'api.agents.index': { paramsTuple?: []; params?: {} }
    'api.agents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.agents.gaps': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.heartbeats.index': { paramsTuple?: []; params?: {} }
    'api.heartbeats.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.screenshots.index': { paramsTuple?: []; params?: {} }
    'api.screenshots.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'health.health.live': { paramsTuple?: []; params?: {} }
    'health.health.ready': { paramsTuple?: []; params?: {} }
  }
  HEAD: {
    'event_stream': { paramsTuple?: []; params?: {} }
    'api.agents.index': { paramsTuple?: []; params?: {} }
    'api.agents.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.agents.gaps': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.heartbeats.index': { paramsTuple?: []; params?: {} }
    'api.heartbeats.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.screenshots.index': { paramsTuple?: []; params?: {} }
    'api.screenshots.show': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'api.media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.screenshot': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'media.thumbnail': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
    'health.health.live': { paramsTuple?: []; params?: {} }
    'health.health.ready': { paramsTuple?: []; params?: {} }
  }
  POST: {
    'subscribe': { paramsTuple?: []; params?: {} }
    'unsubscribe': { paramsTuple?: []; params?: {} }
    'api.enrolments.store': { paramsTuple?: []; params?: {} }
    'api.observations.store': { paramsTuple?: []; params?: {} }
    'api.agents.store': { paramsTuple?: []; params?: {} }
    'api.heartbeats.store': { paramsTuple?: []; params?: {} }
    'api.screenshots.store': { paramsTuple?: []; params?: {} }
  }
  DELETE: {
    'api.screenshots.destroy': { paramsTuple: [ParamValue]; params: {'id': ParamValue} }
  }
}
declare module '@adonisjs/core/types/http' {
  export interface RoutesList extends ScannedRoutes {}
}