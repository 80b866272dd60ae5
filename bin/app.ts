/** The root of the application: the folder of `adonisrc.ts`, in the sources and in `build/` alike. */
export const APP_ROOT = new URL('../', import.meta.url)

/** Imports what AdonisJS names by path, relative to the root. */
export const IMPORTER = (filePath: string) => {
  if (filePath.startsWith('./') || filePath.startsWith('../')) {
    return import(new URL(filePath, APP_ROOT).href)
  }
  return import(filePath)
}
