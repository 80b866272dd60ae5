import { pluginContract } from '@worksight/agent-core/testing/plugin_contract'
import { DriveUpload } from './main.ts'

const expected = 'a multiple of 256 from 256 to 65536'

pluginContract({
  name: 'drive-upload',
  make: (options) => new DriveUpload(options, { env: {} }),
  wrong: [
    { options: { chunkKib: 0 }, named: 'chunkKib', expected },
    { options: { chunkKib: 300 }, named: 'chunkKib', expected },
    { options: { chunkKib: '256' }, named: 'chunkKib', expected },
    { options: { chunkKib: 131_072 }, named: 'chunkKib', expected },
  ],
  without: {
    what: 'anything to send',
    make: () => new DriveUpload({}, { env: {} }),
    states: ['idle'],
    reason: /Nothing to send/,
  },
})
