import { whyOf, Work } from '#services/jobs/work'

/** Makes the zip of an export. */
export default class ExportJob extends Work<{ readonly id: number }> {
  static options = Work.optionsOf({ name: 'export', timeout: '50m' })

  async execute() {
    const { makeExport } = await import('#services/exports')
    await makeExport(this.payload.id, this.signal)
  }

  override async failed(error: Error) {
    const { giveUpExport } = await import('#services/exports')
    await giveUpExport(this.payload.id, whyOf(error).message)
    await super.failed(error)
  }
}
