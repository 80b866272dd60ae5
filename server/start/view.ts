/*
|--------------------------------------------------------------------------
| What every page can use
|--------------------------------------------------------------------------
*/
import type User from '#models/user'
import { ORGANISATION, channelOfPerson } from '#start/transmit'
import { causeWords } from '#services/timeline/words'
import edge from 'edge.js'
import { DateTime } from 'luxon'

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB']

/** 2 048 gives `2 KB`. */
function bytes(size: number): string {
  const power = size < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(size) / 10))
  const value = size / 1024 ** power
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`
}

/** 5 400 seconds give `1 h 30 m`. */
function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (seconds < 60) {
    return `${Math.round(seconds)} s`
  }
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)]
  return days > 0
    ? `${days} d ${hours} h`
    : hours > 0
      ? `${hours} h ${minutes % 60} m`
      : `${minutes} m`
}

/** 25 560 000 ms give `7 h 06 m`. */
function clock(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000)
  const rest = String(minutes % 60).padStart(2, '0')
  return minutes < 60
    ? `${minutes} m`
    : `${Math.floor(minutes / 60).toLocaleString('en-GB')} h ${rest} m`
}

/** An instant in a zone, by a Luxon format. */
function at(milliseconds: number, zone: string, format: string): string {
  return DateTime.fromMillis(milliseconds, { zone }).setLocale('en-GB').toFormat(format)
}

/** `2026-11-20` gives `20 Nov 2026`. */
const day = (iso: string) => DateTime.fromISO(iso).setLocale('en-GB').toFormat('d LLL yyyy')

/** Two days of a calendar, both belonging to it: `10 to 23 Nov 2026`. */
function span(from: string, to: string): string {
  const [first, last] = [from, to].map((iso) => DateTime.fromISO(iso).setLocale('en-GB'))
  if (from === to || !first || !last) {
    return day(to)
  }
  const format = !first.hasSame(last, 'year')
    ? 'd LLL yyyy'
    : first.hasSame(last, 'month')
      ? 'd'
      : 'd LLL'
  return `${first.toFormat(format)} to ${day(to)}`
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString()

const count = (number: number, one: string, many = `${one}s`) =>
  `${number.toLocaleString('en-GB')} ${number === 1 ? one : many}`

/** `member` gives `Member`. */
const title = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** Where a person's pages listen for news. */
async function liveChannels(user: User): Promise<string[]> {
  if (user.role === 'owner' || user.role === 'admin' || user.role === 'auditor') {
    return [ORGANISATION]
  }
  const { default: UserModel } = await import('#models/user')
  const people = await UserModel.query().withScopes((scopes) => scopes.managedBy(user))
  return [user, ...people].map(({ id }) => channelOfPerson(id))
}

edge.global('fmt', { bytes, duration, hours: clock, at, day, span, iso, count, title })
edge.global('gapWords', causeWords)
edge.global('liveChannels', liveChannels)
