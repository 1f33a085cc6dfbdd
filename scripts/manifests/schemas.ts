import path from 'node:path';
import ts from 'typescript';
import { root } from '../drift';

/** A manifest as far as it is looked at here. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
}

interface Model {
  validate(): void;
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'keda.sh': '@kubernetes-models/keda',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
};

/**
 * What the schemas that Kubernetes, KEDA and the Prometheus operator publish find wrong. They let pass a field that
 * they do not know, and so does a cluster, which drops it: the types of the same packages find those.
 */
export function schemaProblems(manifests: readonly Manifest[]): string[] {
  return [...manifests.flatMap(invalid), ...unknownFields(manifests)];
}

function moduleOf({ apiVersion, kind }: Manifest): string {
  const group = apiVersion.split('/')[0]!;
  return `${EXTENSIONS[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;
}

function invalid(manifest: Manifest): string[] {
  const { [manifest.kind]: Kind } = require(moduleOf(manifest)) as Record<string, new (data: unknown) => Model>;
  try {
    new Kind!(manifest).validate();
    return [];
  } catch (error) {
    return [`${manifest.kind} ${manifest.metadata.name}: ${(error as Error).message}`];
  }
}

/** A literal may have no property that its type lacks: the compiler says where there is one. */
function unknownFields(manifests: readonly Manifest[]): string[] {
  const file = path.join(root, 'scripts/manifests/literals.ts');
  const literals = manifests.map(
    (manifest, index) =>
      `import type { I${manifest.kind} as T${index} } from '${moduleOf(manifest)}';\n` +
      `export const m${index}: T${index} = ${JSON.stringify(manifest)};\n`,
  );
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...more) =>
    name === file ? ts.createSourceFile(name, literals.join(''), ts.ScriptTarget.ES2023) : getSourceFile(name, ...more);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file)!;
  return program.getSemanticDiagnostics(source).map(({ messageText, start = 0 }) => {
    const index = Math.floor(source.getLineAndCharacterOfPosition(start).line / 2);
    const { kind, metadata } = manifests[index]!;
    return `${kind} ${metadata.name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
