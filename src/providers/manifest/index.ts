/** A provider as data: its manifest, read and proven, and the adapter that is made from it. */
export { dryRun, type DryRunOfStream } from './dry-run';
export type { Manifest } from './manifest';
export { ManifestAdapter } from './manifest.adapter';
export { MANIFEST_SCHEMA } from './manifest-schema';
export { ManifestFolder, type RefusedManifest } from './manifest-folder';
export { MAX_MANIFEST_BYTES, readManifest, toldFault } from './read-manifest';
export { servedManifest } from './served-manifest';
