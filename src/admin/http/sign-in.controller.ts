import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';
import type { Request, Response } from 'express';
import { TokenVerifier, TryLimits } from '../../auth';
import { SignIns, type SignInResult } from '../../operators';
import { AppConfig } from '../../platform/config';
import { InterlockError } from '../../platform/errors';
import { AsFlag, MayFail, Public } from '../../platform/http';
import { clearSignIn, consoleOrigin, sessionToken, setSession, setSignIn, signInOf } from './session-cookie';

const CALLBACK = '/admin/sign-in/callback';

const LOCATION = {
  Location: { description: 'Where the browser goes.', schema: { type: 'string' as const, example: '/admin#/' } },
};

class BeginSignInDto {
  @ApiPropertyOptional({
    maxLength: 500,
    example: '/audit',
    description: 'The page of the console to open afterwards: what follows `#`.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  page?: string;

  @ApiPropertyOptional({ description: 'The operator authenticates anew unless that was a short while ago.' })
  @IsOptional()
  @IsBoolean()
  @AsFlag()
  stepUp?: boolean;
}

/** Browsers only: each answer sends one on. */
@ApiTags('Session')
@Controller('admin/sign-in')
export class SignInController {
  private readonly publicOrigin: string | null;

  constructor(
    private readonly signIns: SignIns,
    private readonly tokens: TokenVerifier,
    private readonly tryLimits: TryLimits,
    config: AppConfig,
  ) {
    this.publicOrigin = config.publicOrigin;
  }

  @Get()
  @Public()
  @MayFail('invalid_request', 'not_found', 'rate_limited')
  @ApiOperation({
    operationId: 'adminBeginSignIn',
    summary: 'Sign in at the OpenID provider',
    description: 'Code flow with PKCE. 404 without OIDC_ISSUER.',
  })
  @ApiResponse({
    status: 302,
    description: 'To the provider, or back to the console with the cause in `problem`.',
    headers: LOCATION,
  })
  async begin(@Query() query: BeginSignInDto, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (!this.signIns.offered) throw new InterlockError('not_found');
    await this.tryLimits.takeAnonymous('GET /admin/sign-in', request.ip ?? '');
    const redirectUri = `${consoleOrigin(request, this.publicOrigin)}${CALLBACK}`;
    try {
      const { page, stepUp = false } = query;
      const begun = await this.signIns.begin(redirectUri, {
        page,
        stepUp,
        formerToken: await this.formerToken(request),
      });
      setSignIn(request, response, this.publicOrigin, begun.request);
      sendTo(response, begun.url.href);
    } catch (error) {
      if (!(error instanceof InterlockError) || error.code !== 'unavailable') throw error;
      sendTo(response, consoleAt('/', 'unavailable'));
    }
  }

  @Get('callback')
  @Public()
  @MayFail('not_found', 'rate_limited')
  @ApiOperation({
    operationId: 'adminFinishSignIn',
    summary: 'Where the OpenID provider sends the browser back to',
    description: 'Takes the authorization response: `code` and `state`, or `error`.',
  })
  @ApiResponse({
    status: 302,
    description: 'To the console, with its cookie or with the cause in `problem`.',
    headers: LOCATION,
  })
  async finish(@Req() request: Request, @Res() response: Response): Promise<void> {
    if (!this.signIns.offered) throw new InterlockError('not_found');
    await this.tryLimits.takeAnonymous(`GET ${CALLBACK}`, request.ip ?? '');
    const begun = signInOf(request);
    // what was begun is tried once
    clearSignIn(request, response, this.publicOrigin);
    const callback = new URL(request.originalUrl, consoleOrigin(request, this.publicOrigin));
    const result: SignInResult = begun ? await this.signIns.finish(callback, begun) : { problem: 'expired' };
    if ('problem' in result) return sendTo(response, consoleAt(begun?.page ?? '/', result.problem));
    setSession(request, response, this.publicOrigin, result.token);
    sendTo(response, consoleAt(begun!.page));
  }

  /** The provider sends the browser back from another site: then it keeps the session's cookie to itself. */
  private async formerToken(request: Request): Promise<string | null> {
    const token = sessionToken(request);
    const former = token === null ? null : await this.tokens.identify(token);
    return former === null || former.caller.signIn === null ? null : former.origin.jti;
  }
}

/** Without a body: the address holds a code, or a state. */
function sendTo(response: Response, location: string): void {
  response.status(302).setHeader('Location', location).end();
}

/** `page` begins with a slash. */
function consoleAt(page: string, problem?: string): string {
  return `/admin#${page}${problem === undefined ? '' : `${page.includes('?') ? '&' : '?'}problem=${problem}`}`;
}
