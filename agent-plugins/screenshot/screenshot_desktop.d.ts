/** The part of the untyped npm package `screenshot-desktop` (1.15) that this plugin calls. */
declare module 'screenshot-desktop' {
  namespace snapshot {
    /** Linux names and places its displays, Windows gives edges, macOS gives a number and a name. */
    type ListedDisplay = {
      readonly id: string | number
      readonly name?: string
      readonly width?: number
      readonly height?: number
      readonly offsetX?: number
      readonly offsetY?: number
      readonly left?: number
      readonly top?: number
      readonly right?: number
      readonly bottom?: number
      readonly primary?: boolean
    }

    interface Snapshot {
      (options: { readonly screen?: string | number; readonly format: 'png' }): Promise<Buffer>
      listDisplays(): Promise<readonly ListedDisplay[]>
    }
  }

  const snapshot: snapshot.Snapshot
  export default snapshot
}
