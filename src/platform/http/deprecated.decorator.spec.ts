import { Controller, Get } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { Deprecated } from './deprecated.decorator';
import { openApiDocument } from './server/openapi';

const END = { since: '2027-01-31', sunset: '2027-07-31', successor: 'https://docs.revkeen.com/new' };

@ApiTags('Providers')
@Controller('v2/examples')
class ExamplesController {
  @Get('old')
  @Deprecated(END)
  @ApiOperation({ operationId: 'listOld', summary: 'Old' })
  @ApiOkResponse({ description: 'Done.' })
  old(): object {
    return {};
  }

  @Get('new')
  @ApiOperation({ operationId: 'listNew', summary: 'New' })
  @ApiOkResponse({ description: 'Done.' })
  current(): object {
    return {};
  }
}

describe('a deprecated operation', () => {
  let app: NestExpressApplication;
  beforeAll(async () => {
    const module = await Test.createTestingModule({ controllers: [ExamplesController] }).compile();
    app = await module.createNestApplication<NestExpressApplication>({ logger: false }).init();
  });
  afterAll(() => app.close());

  it('says since when and until when, and what comes after it', async () => {
    const { headers } = await request(app.getHttpServer()).get('/v2/examples/old').expect(200);
    expect(headers).toMatchObject({
      deprecation: '@1801353600',
      sunset: 'Sat, 31 Jul 2027 00:00:00 GMT',
      link: '<https://docs.revkeen.com/new>; rel="successor-version"',
    });
    const { headers: others } = await request(app.getHttpServer()).get('/v2/examples/new').expect(200);
    expect([others['deprecation'], others['sunset'], others['link']]).toEqual([undefined, undefined, undefined]);
  });

  it('is marked in the document, with its headers', () => {
    const { paths } = openApiDocument(app, { surface: 'public', version: '0' });
    const [old, current] = ['old', 'new'].map((name) => paths[`/v2/examples/${name}`]!.get as any);
    expect([old.deprecated, old['x-sunset'], current.deprecated]).toEqual([true, END.sunset, undefined]);
    const names = (operation: any) => Object.keys(operation.responses['200'].headers);
    expect(names(old)).toEqual(expect.arrayContaining(['Deprecation', 'Sunset', 'Link']));
    expect(names(current)).not.toContain('Sunset');
  });

  it('needs days', () => {
    expect(() => Deprecated({ ...END, sunset: 'soon' })).toThrow('soon is not a day');
  });
});
