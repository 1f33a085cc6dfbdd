import { Injectable, Logger } from '@nestjs/common';
import { AuditLog } from '../audit';
import { AccessTokens, ADMIN_ROLES, SIGN_IN_SUBJECT, type AdminRole } from '../auth';
import { Clock } from '../platform/clock';
import { AppConfig, type OpenIdSettings } from '../platform/config';
import { UnitOfWork } from '../platform/database';
import { InterlockError } from '../platform/errors';
import { RequestContext } from '../platform/http';
import { IdentityProvider, isName, type Identity } from './identity-provider';
import { Operators } from './operators';
import { expectedOf, newSignInRequest, type SignInRequest } from './sign-in-request';

/** Why nobody is signed in; the console has words for each. */
export const SIGN_IN_PROBLEMS = [
  /** The browser has no sign-in on its way, or another one: it took too long, or somebody else began it. */
  'expired',
  /** The person or the provider said no. */
  'refused',
  /** The answer of the provider is not what was asked for. */
  'not_valid',
  'unavailable',
  /** In no group that grants a role. */
  'no_role',
  /** Switched off by another operator. */
  'disabled',
  /** The level of the sign-in is below OIDC_STEP_UP_ACR. */
  'level_too_low',
] as const;
export type SignInProblem = (typeof SIGN_IN_PROBLEMS)[number];

export type SignInResult = { readonly token: string } | { readonly problem: SignInProblem };

/** Sign-in of operators at the OpenID provider. A session is an access token of ours, in the console's cookie. */
@Injectable()
export class SignIns {
  private readonly logger = new Logger('operators');
  private readonly provider: IdentityProvider | null;
  private readonly settings: OpenIdSettings | null;

  constructor(
    private readonly tokens: AccessTokens,
    private readonly operators: Operators,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.settings = config.openId;
    this.provider = this.settings && new IdentityProvider(this.settings);
  }

  /** Whether there is a provider to sign in at. */
  get offered(): boolean {
    return this.provider !== null;
  }

  /**
   * Whether the provider says whose subject it is: no token but that of a sign-in has such a subject. Where there is
   * no provider, whoever issues tokens says so.
   */
  knows(subject: string): boolean {
    return !this.offered || subject.startsWith(SIGN_IN_SUBJECT);
  }

  async begin(
    redirectUri: string,
    asked: Omit<SignInRequest, 'codeVerifier' | 'page'> & { page?: string },
  ): Promise<{ request: SignInRequest; url: URL }> {
    const { provider, settings } = this.configured();
    const request = newSignInRequest(asked);
    const expected = expectedOf(request, settings);
    return { request, url: await provider.authorizationUrl(redirectUri, expected) };
  }

  /** `callback`: the address that the provider sent the browser to. */
  async finish(callback: URL, request: SignInRequest): Promise<SignInResult> {
    const { settings } = this.configured();
    const identity = await this.identify(callback, request);
    if (typeof identity === 'string') return { problem: identity };
    if (!isName(identity.subject)) return { problem: 'not_valid' };
    const subject = `${SIGN_IN_SUBJECT}${identity.subject}`;
    const { sessionId, identifiedAt, authenticatedAt, acr } = identity;
    const roles = rolesOf(identity.groups, settings);
    const problem = await this.problemOf(subject, roles, identity, request);
    if (problem) return this.refuse(subject, problem);
    // the entries of this request name the person who signs in
    RequestContext.current()!.operator = { kind: 'token', id: subject };
    const { token } = await this.tokens.issue({
      subject,
      roles,
      permissions: [],
      nodeIds: [],
      signIn: { sessionId, identifiedAt, authenticatedAt, acr },
      ttlSeconds: settings.sessionSeconds,
      now: this.clock.now(),
    });
    await this.endFormer(request, subject);
    await this.operators.signedIn({ subject, name: identity.name, roles, method: 'openid_connect' });
    return { token };
  }

  /** The browser has one session: what it had of this person is over. */
  private async endFormer({ formerToken }: SignInRequest, subject: string): Promise<void> {
    if (formerToken === null) return;
    const former = await this.tokens.find(formerToken);
    if (former?.subject !== subject || former.revokedAt !== null) return;
    await this.tokens.revoke({ jti: former.jti, subject }, { cause: 'signed in again' });
  }

  /** The provider says that a session has ended. false: it is not the provider that says so. */
  async end(logoutToken: string): Promise<boolean> {
    const logout = await this.configured().provider.readLogout(logoutToken);
    if (!logout) return false;
    const subject = logout.subject === null ? null : `${SIGN_IN_SUBJECT}${logout.subject}`;
    await this.operators.endSessions({ ...logout, subject });
    return true;
  }

  private async identify(callback: URL, request: SignInRequest): Promise<Identity | SignInProblem> {
    const { provider, settings } = this.configured();
    const expected = expectedOf(request, settings);
    if (callback.searchParams.get('state') !== expected.state) return 'expired';
    try {
      return await provider.identify(callback, expected);
    } catch (error) {
      const problem = problemIn(error);
      // the library's errors hold the answer, and with it tokens
      this.logger.warn({ msg: 'sign-in failed', problem, cause: causeIn(error) });
      return problem;
    }
  }

  private async problemOf(
    subject: string,
    roles: readonly AdminRole[],
    identity: Identity,
    request: SignInRequest,
  ): Promise<SignInProblem | null> {
    if (await this.operators.isDisabled(subject)) return 'disabled';
    if (roles.length === 0) return 'no_role';
    const { acrValues } = this.configured().settings.stepUp;
    const high = acrValues.length === 0 || (identity.acr !== null && acrValues.includes(identity.acr));
    return request.stepUp && !high ? 'level_too_low' : null;
  }

  private async refuse(subject: string, problem: SignInProblem): Promise<SignInResult> {
    await this.unitOfWork.run(async (tx) => {
      if (problem === 'no_role') await this.operators.lostRoles(tx, subject);
      await this.audit.record(tx, {
        action: 'operator.sign_in_refused',
        actor: { kind: 'token', id: subject },
        subject: { type: 'operator', id: subject },
        details: { problem },
      });
    });
    return { problem };
  }

  private configured(): { provider: IdentityProvider; settings: OpenIdSettings } {
    if (!this.provider || !this.settings) {
      throw new InterlockError('not_found', {
        message: 'Sign-in by OpenID Connect is not configured: set OIDC_ISSUER.',
      });
    }
    return { provider: this.provider, settings: this.settings };
  }
}

function rolesOf(groups: readonly string[], { roles }: OpenIdSettings): AdminRole[] {
  return ADMIN_ROLES.filter((role) => roles[role]?.some((group) => groups.includes(group)));
}

/** openid-client: an answer of the provider, an answer that breaks a rule, or none. */
function problemIn(error: unknown): SignInProblem {
  if (error instanceof InterlockError) return 'unavailable';
  const { code, status } = error as { code?: string; status?: number };
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR') return 'refused';
  if (status !== undefined && status >= 500) return 'unavailable';
  return code === undefined || code === 'OAUTH_TIMEOUT' ? 'unavailable' : 'not_valid';
}

function causeIn(error: unknown): string {
  const { code, error: answered, name } = error as { code?: string; error?: string; name?: string };
  return [code ?? name ?? 'Error', ...(typeof answered === 'string' ? [answered.slice(0, 100)] : [])].join(' ');
}
