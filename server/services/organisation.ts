import User from '#models/user'

/** The zone of the organisation: its first owner's. */
export async function organisationZone(): Promise<string> {
  const owner = await User.query().where('role', 'owner').orderBy('id').first()
  return owner?.timeZone ?? 'UTC'
}
