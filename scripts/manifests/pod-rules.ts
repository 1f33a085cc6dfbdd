import type { Manifest } from './schemas';

interface Container {
  readonly name: string;
  readonly securityContext?: {
    readonly allowPrivilegeEscalation?: boolean;
    readonly readOnlyRootFilesystem?: boolean;
    readonly capabilities?: { readonly drop?: readonly string[] };
  };
  readonly resources?: { readonly requests?: object; readonly limits?: { readonly memory?: string } };
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
}
interface Probe {
  readonly httpGet?: { readonly path: string };
}
interface Pod {
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: {
    readonly runAsNonRoot?: boolean;
    readonly runAsUser?: number;
    readonly seccompProfile?: { readonly type: string };
  };
  readonly containers: readonly Container[];
}

const SECRET = /(SECRET|TOKEN|PASSWORD|KEYRING|_KEY)S?$|^(DATABASE|DATABASE_DIRECT|REDIS|AUDIT_STREAM_HTTP)_URL$/;

/** What every pod of ours keeps to, whatever the values are. `paths`: what the service serves. */
export function podProblems(manifest: Manifest, paths: ReadonlySet<string>): string[] {
  const pod = (manifest.spec as { template?: { spec?: Pod } } | undefined)?.template?.spec;
  if (!pod) return [];
  const found = [...podRules(pod), ...pod.containers.flatMap(containerRules)];
  if (manifest.kind === 'Deployment') found.push(...pod.containers.flatMap((one) => processRules(pod, one, paths)));
  return found.map((problem) => `${manifest.kind} ${manifest.metadata.name}: ${problem}`);
}

function podRules(pod: Pod): string[] {
  const context = pod.securityContext;
  return told([
    [context?.runAsNonRoot === true && (context.runAsUser ?? 0) > 0, 'runs as root, or as a user without a number'],
    [context?.seccompProfile?.type === 'RuntimeDefault', 'has no seccomp profile'],
    [pod.automountServiceAccountToken === false, 'is given a token of Kubernetes'],
  ]);
}

function containerRules({ name, securityContext, resources, env = [] }: Container): string[] {
  const secrets = env.filter((one) => SECRET.test(one.name)).map((one) => one.name);
  return told([
    [securityContext?.allowPrivilegeEscalation === false, `${name} may gain privileges`],
    [securityContext?.readOnlyRootFilesystem === true, `${name} may write to its root file system`],
    [securityContext?.capabilities?.drop?.includes('ALL') === true, `${name} keeps capabilities`],
    [resources?.requests !== undefined && resources.limits?.memory !== undefined, `${name} has no resources`],
    [secrets.length === 0, `${name} has ${secrets.join(', ')} written in the manifest`],
  ]);
}

function processRules(pod: Pod, container: Container, paths: ReadonlySet<string>): string[] {
  const probed = [container.startupProbe, container.livenessProbe, container.readinessProbe].map(
    (probe) => probe?.httpGet?.path,
  );
  const grace = Number(container.env?.find(({ name }) => name === 'SHUTDOWN_GRACE_SECONDS')?.value);
  return told([
    [probed.every((path) => path !== undefined && paths.has(path)), `probes ${probed.join(', ')}`],
    [(pod.terminationGracePeriodSeconds ?? 0) > grace, `is killed before ${grace} s are over`],
  ]);
}

const told = (rules: readonly (readonly [boolean, string])[]): string[] =>
  rules.filter(([holds]) => !holds).map(([, problem]) => problem);
