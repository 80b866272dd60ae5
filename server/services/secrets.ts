import { createHash, randomBytes, randomInt } from 'node:crypto'

/** SHA-256 of a secret as 64 hexadecimal digits: what is kept of codes and links. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Letters of Crockford's base 32: none that is mistaken for another when read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A code of 130 random bits, in groups of five: `wse_4X7QK-…`. */
export function makeEnrolmentCode(): string {
  const letters = Array.from(randomBytes(26), (byte) => ALPHABET[byte & 31]).join('')
  return `wse_${letters.match(/.{1,5}/g)?.join('-') ?? letters}`
}

/** Consonants: no code is a word, and none is mistaken for a digit. */
const CONSONANTS = 'BCDFGHJKLMNPQRSTVWXZ'

/** A code that people compare, of eight consonants, 34 random bits. It opens nothing by itself. */
export function makeUserCode(): string {
  return Array.from({ length: 8 }, () => CONSONANTS[randomInt(CONSONANTS.length)]).join('')
}

/** A recovery code: sixteen letters, 80 random bits. People may write it with spaces or dashes. */
export function makeRecoveryCode(): string {
  return Array.from(randomBytes(16), (byte) => ALPHABET[byte & 31]).join('')
}

/** A key for a link, 192 random bits, fit for a URL. */
export function makeLinkKey(): string {
  return randomBytes(24).toString('base64url')
}

const WORDS = (
  'amber anchor apple arrow autumn badge bamboo basil beacon birch blossom breeze bridge bronze ' +
  'cabin candle canyon cedar cherry cloud clover cobalt comet copper coral cotton crystal daisy ' +
  'delta desert dune eagle ember fabric falcon fern field flint forest garden ginger glacier ' +
  'harbor hazel heron honey indigo island ivory jasmine juniper lagoon lantern lemon lilac linen ' +
  'lotus maple marble meadow meteor mint mirror mosaic nectar nutmeg oasis ocean olive onyx orbit ' +
  'orchid otter paper pebble pepper pine planet plum poppy prairie quartz quill rain raven reef ' +
  'ribbon river robin saffron sage sail sand shell silver slate snow spruce star stone storm sugar ' +
  'summit thistle thunder tiger topaz tulip valley velvet violet walnut willow winter zephyr'
).split(' ')

/** A password a person can type once: five words and two digits, about 40 bits. */
export function makePassword(): string {
  const random = randomBytes(24)
  const words = [0, 1, 2, 3, 4].map((n) => WORDS[random.readUInt32BE(n * 4) % WORDS.length])
  return `${words.join('-')}-${10 + (random.readUInt32BE(20) % 90)}`
}
