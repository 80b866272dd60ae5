/** Fakes that stand where the world would, for the specs of this package and of plugins. */

export { agentProcess, type Ended } from './agent_process.ts'
export { FakeAgent } from './fake_agent.ts'
export { DRIVE_UNIT, DriveEmulator, type DriveFault } from './drive_emulator.ts'
export { FakeUploads } from './fake_uploads.ts'
export { FakeServer, type FakeAnswer, type ReceivedItem } from './fake_server.ts'
export { ManualClock } from './manual_clock.ts'
export { temporaryFolder, temporarySpool } from './temporary_spool.ts'
export { aHeartbeat, anEvent, aPolicy, aRecording, aScreenshot } from './samples.ts'
export { digestOf, OracleLine, startOracle, type FoundItem, type OracleAnswer } from './oracle.ts'
export { Storms, type StormEnd } from './storms.ts'
export { watchedDisk } from './watched_disk.ts'
export {
  CrashDisk,
  PowerLoss,
  withoutFileSync,
  withoutFolderSync,
  type Chance,
} from './crash_fs.ts'
export { isLeftOut, isLong } from './long.ts'
export { SmallDisk } from './small_disk.ts'
export { TlsProxy } from './tls_proxy.ts'
export { onTerminal } from './terminal.ts'
export { cookieFile, DEAD_DISPLAY, onClosedDesktop, onDesktop } from './worlds.ts'
export { startXvfb, type VirtualDisplay } from './xvfb.ts'
export { FaultProxy, type Fault, type FaultKind } from './fault_proxy.ts'
export { NetworkNamespace } from './network_namespace.ts'
