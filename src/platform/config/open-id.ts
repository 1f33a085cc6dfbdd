import { IsInt, IsOptional, IsUrl, Matches, Max, Min } from 'class-validator';
import { AsUnset, AsWhole } from '../text-values';
import type { OpenIdSettings } from './app-config';
import { pairsOf } from './pairs';
import { isGuarded, leavesInClear, Risky } from './risks';

/** The sign-in to the console by OpenID Connect. */
export class OpenIdVariables {
  @IsOptional()
  @IsUrl(
    { require_tld: false, require_protocol: true, protocols: ['http', 'https'] },
    { message: 'must be the http(s) URL of an OpenID provider' },
  )
  @AsUnset()
  @Risky(leavesInClear, 'whoever is on the way signs in as anybody: use https')
  OIDC_ISSUER?: string;

  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,255}$/, { message: 'must be 1 to 255 printable characters' })
  @AsUnset()
  OIDC_CLIENT_ID?: string;

  @IsOptional()
  @Matches(/^[\x21-\x7e]{8,512}$/, { message: 'must be 8 to 512 printable characters' })
  @AsUnset()
  OIDC_CLIENT_SECRET?: string;

  @IsOptional()
  @Matches(/^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$/, {
    message: 'must be scopes beginning with openid, such as openid profile email',
  })
  @AsUnset()
  OIDC_SCOPE?: string;

  @IsOptional()
  @Matches(/^[\x21-\x7e]{1,255}$/, { message: 'must be the name of a claim' })
  @AsUnset()
  OIDC_GROUPS_CLAIM?: string;

  @IsOptional()
  @Matches(/^(admin|operator|viewer)=[^;,=]+(,[^;,=]+)*(;(admin|operator|viewer)=[^;,=]+(,[^;,=]+)*)*$/, {
    message: 'must be groups by role, such as admin=platform-leads;operator=support,on-call;viewer=finance',
  })
  @AsUnset()
  OIDC_ROLES?: string;

  @IsOptional()
  @IsInt()
  @Min(60)
  @Max(43_200)
  @AsWhole()
  OIDC_SESSION_SECONDS?: number;

  @IsOptional()
  @IsInt()
  @Min(30)
  @Max(43_200)
  @AsWhole()
  OIDC_STEP_UP_SECONDS?: number;

  @IsOptional()
  @Matches(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, {
    message: 'must be acr values, separated by blanks',
  })
  @AsUnset()
  OIDC_STEP_UP_ACR?: string;
}

interface Beside extends OpenIdVariables {
  readonly NODE_ENV?: string;
  readonly PUBLIC_ORIGIN?: string;
  readonly ADMIN_TOKEN_SIGN_IN?: boolean;
}

/** null: without OIDC_ISSUER. */
export function openIdOf(known: OpenIdVariables): OpenIdSettings | null {
  if (known.OIDC_ISSUER === undefined) return null;
  const roles = pairsOf(known.OIDC_ROLES).map(([role, groups]) => [role, groups.split(',')] as const);
  return {
    issuer: known.OIDC_ISSUER,
    clientId: known.OIDC_CLIENT_ID!,
    clientSecret: known.OIDC_CLIENT_SECRET ?? null,
    scope: known.OIDC_SCOPE ?? 'openid profile email',
    groupsClaim: known.OIDC_GROUPS_CLAIM ?? 'groups',
    roles: Object.fromEntries(roles),
    sessionSeconds: known.OIDC_SESSION_SECONDS ?? 28_800,
    stepUp: {
      maxAgeSeconds: known.OIDC_STEP_UP_SECONDS ?? 900,
      acrValues: known.OIDC_STEP_UP_ACR?.split(' ') ?? [],
    },
  };
}

const OPEN_ID_VARIABLES = [
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_SCOPE',
  'OIDC_GROUPS_CLAIM',
  'OIDC_ROLES',
  'OIDC_SESSION_SECONDS',
  'OIDC_STEP_UP_SECONDS',
  'OIDC_STEP_UP_ACR',
] as const;

/** The sign-in by OpenID Connect is whole, or it is not there. */
export function incompleteOpenId(known: Beside): string[] {
  if (known.OIDC_ISSUER === undefined) {
    const alone = OPEN_ID_VARIABLES.filter((name) => known[name] !== undefined);
    const problems = alone.map((name) => `${name}: has no effect without OIDC_ISSUER`);
    if (known.ADMIN_TOKEN_SIGN_IN === false) {
      problems.push('ADMIN_TOKEN_SIGN_IN: cannot be false without OIDC_ISSUER, because nobody could sign in');
    }
    return problems;
  }
  const problems: string[] = [];
  for (const name of ['OIDC_CLIENT_ID', 'OIDC_ROLES'] as const) {
    if (known[name] === undefined) problems.push(`${name}: is required with OIDC_ISSUER`);
  }
  const roles = pairsOf(known.OIDC_ROLES).map(([role]) => role);
  if (new Set(roles).size < roles.length) problems.push('OIDC_ROLES: must name each role once');
  if (known.NODE_ENV === 'production' && !isGuarded(known.OIDC_ISSUER)) {
    problems.push(
      'OIDC_ISSUER: must be an https URL in production, or one of this machine, because it decides who signs in',
    );
  }
  if (known.NODE_ENV === 'production' && known.PUBLIC_ORIGIN === undefined) {
    problems.push(
      'PUBLIC_ORIGIN: is required with OIDC_ISSUER in production, because the provider sends browsers back there',
    );
  }
  return problems;
}
