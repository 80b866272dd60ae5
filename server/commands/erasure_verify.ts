import SubjectRequest from '#models/subject_request'
import { EXIT } from '#services/exit'
import { verifyReceipt, type Receipt } from '#services/subject/erasure'
import { receiptOf } from '#services/subject/requests'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

export default class ErasureVerify extends BaseCommand {
  static commandName = 'erasure:verify'
  static description = 'Verify receipts of erasures: sealed by this server, and nothing is back'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Verify this receipt alone' })
  declare file?: string

  @flags.boolean({ description: 'Print one JSON document' })
  declare json: boolean

  async run() {
    const receipts = this.file
      ? [JSON.parse(await readFile(resolve(this.file), 'utf8')) as Receipt]
      : (await SubjectRequest.query().where({ kind: 'erasure', state: 'done' }))
          .map(receiptOf)
          .filter((receipt) => receipt !== null)
    const problems: string[] = []
    for (const receipt of receipts) {
      const found = await verifyReceipt(receipt)
      problems.push(...found.map((problem) => `Request ${receipt.request}: ${problem}`))
    }
    this.exitCode = problems.length > 0 ? EXIT.unexpected : EXIT.ok
    if (this.json) {
      process.stdout.write(`${JSON.stringify({ receipts: receipts.length, problems })}\n`)
    } else if (problems.length > 0) {
      problems.forEach((problem) => this.logger.error(problem))
    } else {
      this.logger.success(`Verified, ${receipts.length} receipts`)
    }
  }
}
