/** Fakes that stand where the world would, for the specs of this package and of plugins. */

export { agentProcess, type Ended } from './agent_process.ts'
export { FakeServer, type FakeAnswer, type ReceivedItem } from './fake_server.ts'
export { ManualClock } from './manual_clock.ts'
export { temporaryFolder, temporarySpool } from './temporary_spool.ts'
export { aHeartbeat, aScreenshot, anEvent } from './samples.ts'
