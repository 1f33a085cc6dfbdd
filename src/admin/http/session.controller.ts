import { Body, Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AccessTokens, TokenVerifier } from '../../auth';
import { Operators, SignIns } from '../../operators';
import { AppConfig } from '../../platform/config';
import { InterlockError } from '../../platform/errors';
import { Readiness } from '../../platform/health';
import { MayFail, Public, RequestContext } from '../../platform/http';
import { storeFaults } from '../store-faults';
import { isOfTheTeam } from './admin-route';
import { SignInDto } from './dto/admin-bodies.dto';
import { clearSession, sameOrigin, sessionToken, setSession } from './session-cookie';

/** The console's session: the token itself, in a cookie that no script can read and that is sent to /admin alone. */
@ApiTags('Session')
@Controller('admin/session')
export class SessionController {
  private readonly publicOrigin: string | null;
  private readonly takesTokens: boolean;

  constructor(
    private readonly tokens: TokenVerifier,
    private readonly accessTokens: AccessTokens,
    private readonly operators: Operators,
    private readonly signIns: SignIns,
    private readonly readiness: Readiness,
    config: AppConfig,
  ) {
    this.publicOrigin = config.publicOrigin;
    this.takesTokens = config.tokenSignIn;
  }

  @Get()
  @Public()
  @MayFail('permission_denied')
  @ApiOperation({
    operationId: 'adminGetSignInMethods',
    summary: 'How one signs in here',
    description: 'For the sign-in page, before anybody is known.',
  })
  @ApiOkResponse({
    description: 'The ways that this service offers.',
    schema: {
      type: 'object',
      required: ['data'],
      properties: {
        data: {
          type: 'object',
          required: ['openIdConnect', 'pastedToken', 'databaseProblem'],
          properties: {
            openIdConnect: { type: 'boolean', description: 'At the OpenID provider: open `/admin/sign-in`.' },
            pastedToken: { type: 'boolean', description: 'With an access token: `POST /admin/session`.' },
            databaseProblem: {
              type: 'string',
              nullable: true,
              description: 'Why nobody can sign in now, such as `is read-only`; null: the database takes writes.',
              example: null,
            },
          },
        },
      },
    },
  })
  async methods(): Promise<{ data: { openIdConnect: boolean; pastedToken: boolean; databaseProblem: string | null } }> {
    const { database } = await storeFaults(this.readiness);
    return {
      data: {
        openIdConnect: this.signIns.offered,
        pastedToken: this.takesTokens,
        databaseProblem: database?.kind === 'slow' ? null : (database?.reason ?? null),
      },
    };
  }

  @Post()
  @HttpCode(200)
  @Public()
  @MayFail('unauthenticated', 'permission_denied', 'wrong_origin')
  @ApiOperation({
    operationId: 'adminSignIn',
    summary: 'Exchange a token for the console’s cookie',
    description: 'The cookie is sent to /admin alone, and no script can read it.',
  })
  @ApiOkResponse({
    description: 'Signed in; the cookie ends with the token, and after twelve hours at the latest.',
    schema: {
      type: 'object',
      required: ['data'],
      properties: {
        data: {
          type: 'object',
          required: ['id', 'roles'],
          properties: { id: { type: 'string' }, roles: { type: 'array', items: { type: 'string' } } },
        },
      },
    },
  })
  async signIn(
    @Body() body: SignInDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ data: { id: string; roles: readonly string[] } }> {
    if (!this.takesTokens) {
      throw new InterlockError('permission_denied', { message: 'The console takes no pasted tokens here.' });
    }
    // another site must not sign a browser in as somebody else
    if (!sameOrigin(request, this.publicOrigin)) throw new InterlockError('wrong_origin');
    const caller = await this.tokens.verify(body.token);
    if (!caller) throw new InterlockError('unauthenticated');
    if (!isOfTheTeam(caller)) throw new InterlockError('permission_denied');
    await this.operators.signedIn({ subject: caller.id, name: null, roles: caller.roles, method: 'pasted_token' });
    setSession(request, response, this.publicOrigin, body.token);
    return { data: { id: caller.id, roles: caller.roles } };
  }

  @Delete()
  @HttpCode(204)
  @Public()
  @MayFail('wrong_origin')
  @ApiOperation({
    operationId: 'adminSignOut',
    summary: 'Sign out',
    description: 'Takes the cookie away and revokes the token that it held: whoever has a copy is refused as well.',
  })
  @ApiNoContentResponse({ description: 'The cookie is gone, and its token is refused.' })
  async signOut(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    if (!sameOrigin(request, this.publicOrigin)) throw new InterlockError('wrong_origin');
    clearSession(request, response, this.publicOrigin);
    const token = sessionToken(request);
    const identified = token === null ? null : await this.tokens.identify(token);
    if (!identified || !isOfTheTeam(identified.caller)) return;
    const { caller, origin, expiresAt } = identified;
    // the audit entry says whose operation it is
    RequestContext.current()!.caller = caller;
    await this.accessTokens.revoke({ jti: origin.jti, subject: caller.id, expiresAt }, { cause: 'signed out' });
  }
}
