/**
 * What an agent must never be able to do, as words that would have to stand in its code, its wire or
 * the list of its packages. It is no proof, but nobody adds such a thing without meeting it.
 */

type Rule = { readonly of: string; readonly words: RegExp }

/** One thing that was found where it must not be. */
export type Finding = { readonly path: string; readonly of: string; readonly found: string }

export type SourceFile = { readonly path: string; readonly text: string }

/** Packages by the words of their names. */
const PACKAGES: readonly Rule[] = [
  {
    of: 'keyboard',
    words:
      /(?:^|[-_/@.])(?:u?iohook|key-?log\w*|keyboard-?(?:hook|listener|spy)|global-key\w*|gkm|evdev|robotjs|nut-js|keystrokes?)(?:[-_/.]|$)/,
  },
  { of: 'clipboard', words: /(?:^|[-_/@.])(?:clipboard\w*|copy-paste|copypaste)(?:[-_/.]|$)/ },
  {
    of: 'microphone',
    words:
      /(?:^|[-_/@.])(?:mic|microphone|audio-recorder|lpcm16|record-lpcm16|naudiodon\w*|portaudio\w*|sox-audio)(?:[-_/.]|$)/,
  },
  { of: 'camera', words: /(?:^|[-_/@.])(?:webcam\w*|camera\w*|v4l2\w*|opencv\w*)(?:[-_/.]|$)/ },
  {
    of: 'location',
    words: /(?:^|[-_/@.])(?:geoip\w*|geolocat\w*|geocod\w*|gps\w*|wifi-location)(?:[-_/.]|$)/,
  },
  {
    of: 'hiding',
    words: /^electron$|(?:^|[-_/@.])(?:setproctitle|hide-?console\w*|node-hide\w*)(?:[-_/.]|$)/,
  },
]

/** Interfaces and programs by the words that code needs to reach them. */
const CODE: readonly Rule[] = [
  {
    of: 'keyboard',
    words:
      /GrabKey(?:board)?|QueryKeymap|XRecord|SetWindowsHook\w*|GetAsyncKeyState|GetKeyboardState|CGEventTap\w*|addGlobalMonitor\w*|\/dev\/input|libinput\s+debug|xinput\s+test\w*|showkey|\bKey(?:Press|Release)\b|\bkey(?:down|up|press)\b/i,
  },
  {
    of: 'clipboard',
    words:
      /\bxclip\b|\bxsel\b|wl-paste|pbpaste|Get-Clipboard|GetClipboardData|NSPasteboard|ConvertSelection|navigator\.clipboard|clipboardy/i,
  },
  {
    of: 'microphone',
    words:
      /\barecord\b|\bparec(?:ord)?\b|\bpw-record\b|\bpactl\b|['"](?:alsa|pulse|openal|jack)['"]|audio=|getUserMedia|AVAudio\w*|waveInOpen/,
  },
  {
    of: 'camera',
    words: /v4l2|\/dev\/video|fswebcam|imagesnap|video=|AVCaptureDevice|libcamera/,
  },
  {
    of: 'location',
    words:
      /geolocation|CoreLocation|CLLocation\w*|geoclue|\bgpsd\b|wifi(?:Networks|Connections|Interfaces)\b|\biwlist\b|nmcli|ipinfo\.io|ip-api\.com|Geolocator/i,
  },
  {
    of: 'hiding',
    words:
      /windowsHide|SW_HIDE|WindowStyle\W+Hidden|LSUIElement|LSBackgroundOnly|process\.title\s*=|process\[['"]title['"]\]|\bargv0\b|setproctitle|PR_SET_NAME|\bexec -a\b/,
  },
  {
    of: 'code from elsewhere',
    words: /\beval\s*\(|new Function\s*\(|['"]node:vm['"]|import\(\s*['"`](?:https?|data):/,
  },
]

/** Names of fields that the wire must not have, and types that would let any through. */
const WIRE: readonly Rule[] = [
  {
    of: 'a field of the wire',
    words:
      /^\s*'?(?:key_?(?:s|stroke|strokes|code|codes|log|press\w*)|clipboard|audio|microphone|webcam|camera|latitude|longitude|location|gps|coordinates)\w*'?\??:/m,
  },
]
const OPEN_TYPES: Rule = {
  of: 'an open object of the wire',
  words: /vine\s*\.\s*(?:object|any|record|unknown)\s*\(|allowUnknownProperties/,
}
/** Where the closed object is made, and where a batch is opened to check its events one by one. */
const MAY_OPEN: Readonly<Record<string, RegExp>> = {
  'agent-core/contract/fields.ts': /vine\.object\(properties\)/,
  'agent-core/contract/batch.ts': /vine\.array\(vine\.any\(\)\)/,
}

/** What of the list of packages (the keys of `packages` of a lock file) must not be there. */
export function forbiddenPackages(paths: readonly string[]): readonly Finding[] {
  return paths.flatMap((path) => {
    const name = path.split('node_modules/').at(-1) ?? path
    return PACKAGES.flatMap((rule) => findingOf(rule, path, name.toLowerCase()))
  })
}

/** What of the code that runs on a person's machine must not be there. */
export function forbiddenCode(files: readonly SourceFile[]): readonly Finding[] {
  return files.flatMap(({ path, text }) => CODE.flatMap((rule) => findingOf(rule, path, text)))
}

/** What of the wire's contract must not be there. */
export function forbiddenFields(files: readonly SourceFile[]): readonly Finding[] {
  return files.flatMap(({ path, text }) => {
    const closed = text.replace(MAY_OPEN[path] ?? /$^/, '')
    return [
      ...WIRE.flatMap((rule) => findingOf(rule, path, text)),
      ...findingOf(OPEN_TYPES, path, closed),
    ]
  })
}

function findingOf({ of, words }: Rule, path: string, text: string): readonly Finding[] {
  const found = words.exec(text)?.[0]
  return found === undefined ? [] : [{ path, of, found: found.trim() }]
}
