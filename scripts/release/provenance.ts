/** What a release was made from. */
export interface ReleaseSource {
  readonly version: string;
  readonly commit: string;
  /** Null: the commit has no tag, so this is a try. */
  readonly tag: string | null;
  readonly lockSha256: string;
  readonly node: string;
  readonly npm: string;
}

export interface Artefact {
  readonly name: string;
  readonly sha256: string;
}

/**
 * An in-toto statement with SLSA provenance. It says nothing about time or machine: who builds the tag again gets the
 * same bytes, and can compare them.
 */
export function provenanceOf(source: ReleaseSource, artefacts: readonly Artefact[]): object {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: artefacts.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        // docs/releasing.md says what is done
        buildType: 'urn:interlock:build:npm-run-release:v1',
        externalParameters: { version: source.version, tag: source.tag },
        internalParameters: {},
        resolvedDependencies: [
          { name: 'source', digest: { gitCommit: source.commit } },
          { name: 'package-lock.json', digest: { sha256: source.lockSha256 } },
        ],
      },
      runDetails: {
        builder: { id: 'urn:interlock:builder:maintainer', version: { node: source.node, npm: source.npm } },
      },
    },
  };
}
