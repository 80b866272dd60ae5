/** Every error answer of the API has this shape, whatever its status. */
export type ErrorAnswer = {
  readonly error: {
    /** Stable name, `E_…`. */
    readonly code: string
    /** What happened, as a sentence. */
    readonly message: string
    /** The field, header or file at fault, where there is one. */
    readonly field: string | null
    /** What to do next. */
    readonly help: string
    /** Also in the server's log. */
    readonly id: string
  }
}

/** What became of one observation. */
export type ObservationResult =
  | { readonly id: string; readonly result: 'created' }
  | { readonly id: string; readonly result: 'duplicate' }
  | {
      readonly id: string | null
      readonly result: 'conflict' | 'rejected'
      readonly code: string
      readonly field: string | null
      readonly message: string
    }

/** Answer of `POST /api/observations`: 200, after COMMIT, one result an observation, in order. */
export type BatchAnswer = { readonly results: readonly ObservationResult[] }

/** Answer of `POST /api/heartbeats` and `/api/screenshots`: 201 the first time, 200 after that. */
export type ObservationAnswer = { readonly id: string; readonly result: 'created' | 'duplicate' }
