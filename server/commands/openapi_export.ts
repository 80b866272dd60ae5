import { appUrl } from '#config/app'
import { openapi } from '#services/openapi/document'
import { toYaml } from '#services/openapi/yaml'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { writeFile } from 'node:fs/promises'

export default class OpenapiExport extends BaseCommand {
  static commandName = 'openapi:export'
  static description = 'Write the description of the REST API (OpenAPI 3.1), as JSON or YAML'
  static options: CommandOptions = { startApp: true }

  @flags.string({
    description: 'File to write, .json or .yaml; without it, JSON on the standard output',
  })
  declare out?: string

  async run() {
    await import('#start/routes')
    const document = openapi(appUrl)
    const isYaml = /\.ya?ml$/.test(this.out ?? '')
    const text = isYaml ? toYaml(document) : `${JSON.stringify(document, null, 2)}\n`
    if (this.out) {
      await writeFile(this.out, text)
      this.logger.success(`${this.out}: ${Object.keys(document.paths).length} paths`)
    } else {
      process.stdout.write(text)
    }
  }
}
