type Where = { whereRaw(sql: string, bindings: string[]): unknown }

/** Keeps rows whose column holds `text` somewhere; signs that mean more to LIKE are just signs. */
export function whereHolds(query: Where, column: string, text: string) {
  const literal = text.replace(/[!%_]/g, (sign) => `!${sign}`)
  query.whereRaw(`${column} like ? escape '!'`, [`%${literal}%`])
}
