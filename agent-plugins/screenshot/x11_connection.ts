import { X11Connection } from '@worksight/agent-core/x11'
import x11 from 'x11'

export type { X11Connection } from '@worksight/agent-core/x11'

/** Connects to the display `name`; throws `ScreenUnavailable`. */
export function openX11(name: string, signal: AbortSignal): Promise<X11Connection> {
  return X11Connection.open(x11, name, signal)
}
