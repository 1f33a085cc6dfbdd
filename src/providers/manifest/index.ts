/** A provider as data: its manifest, read and proven, and the adapter that is made from it. */
export { conformanceOf, type ConformanceResult } from './conformance/conformance';
export { ExchangeRecorder } from './conformance/exchange-recorder';
export { MAX_RECORDING_BYTES, readRecording, type Recording } from './simulator/recording';
export { recordingConformanceOf } from './conformance/recording-checks';
export { dryRun, type DryRunOfStream } from './dry-run';
export type { Manifest } from './manifest';
export { ManifestAdapter } from './manifest.adapter';
export { MANIFEST_SCHEMA } from './manifest-schema';
export { ManifestFolder, type RefusedManifest } from './manifest-folder';
export { MAX_MANIFEST_BYTES, placeOfMember, readManifest, toldFault } from './read-manifest';
export { servedManifest } from './served-manifest';
