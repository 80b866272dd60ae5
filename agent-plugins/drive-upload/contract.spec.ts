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
    {
      options: { credentials: 'nobody' },
      named: 'credentials',
      expected: 'one of server, agent',
    },
    { options: { credentials: 'agent' }, named: 'credentialsPath', expected: 'the absolute path' },
    {
      options: { credentials: 'agent', credentialsPath: '/etc/key.json' },
      named: 'folderId',
      expected: 'the id of a shared drive',
    },
    {
      options: { credentials: 'agent', credentialsPath: '/nonexistent/key.json', folderId: 'x' },
      named: 'credentialsPath',
      expected: 'the absolute path of a key file',
    },
  ],
  without: {
    what: 'anything to send',
    make: () => new DriveUpload({}, { env: {} }),
    states: ['idle'],
    reason: /Nothing to send/,
  },
})
