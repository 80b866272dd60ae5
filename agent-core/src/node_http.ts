/**
 * `node:http`, taken by other means than an import: naming its exports for one reads its `WebSocket`
 * too, which loads all of undici, 14 MB that nobody here needs.
 */
export const nodeHttp = process.getBuiltinModule('node:http')
