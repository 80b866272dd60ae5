/**
 * Limits of the wire, shared by the agent (which never exceeds them) and the server (which refuses
 * what does). Sizes are bytes unless the name says otherwise.
 */
export const LIMITS = {
  /** Events in one `POST /api/observations`. */
  batchEvents: 100,
  /** Body of one batch, after it was inflated. */
  batchBytes: 512 * 1024,
  /** One screenshot file. */
  screenshotBytes: 16 * 1024 * 1024,
  /** Pixels of one picture, from its header: 40 megapixels. */
  screenshotPixels: 40_000_000,
  /** Longest side of one picture, in pixels: what WebP can hold. */
  screenshotSide: 16_383,
  /** One segment of a recording. */
  recordingBytes: 512 * 1024 * 1024,
  /** Text of a notice, in characters. */
  noticeCharacters: 32_768,
  /** Displays reported by one machine. */
  displays: 16,
  /** Plugins reported in one heartbeat. */
  plugins: 64,
  /** Largest sequence number an agent can reach: exact in JSON and in a signed BIGINT. */
  seq: Number.MAX_SAFE_INTEGER,
} as const
