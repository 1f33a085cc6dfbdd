import { once } from 'node:events';
import { Controller, Get, Logger, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AuditVerifier } from '../../audit';
import { SessionLocks } from '../../platform/database';
import { InterlockError } from '../../platform/errors';
import { MayFail, RequestContext } from '../../platform/http';
import { CSV_HEAD, csvLine, isExported, type ExportFormat } from '../audit-export';
import type { AuditFilter } from '../audit-filter';
import { Reads } from './admin-route';
import { AuditExportDto } from './dto/admin-queries.dto';

const TYPES = { jsonl: 'application/jsonl', csv: 'text/csv' } as const;
/** A reader that takes nothing for so long is gone, though nobody says so. */
const STALLED_MS = 60_000;
const HEADS = { jsonl: '', csv: CSV_HEAD } as const;

@ApiTags('Operations')
@Controller('admin/api/audit')
export class AuditExportController {
  private readonly logger = new Logger('audit export');

  constructor(
    private readonly chain: AuditVerifier,
    private readonly locks: SessionLocks,
  ) {}

  @Get('export')
  @Reads()
  @MayFail('conflict')
  @ApiOperation({
    operationId: 'adminExportAudit',
    summary: 'The audit log as a file, oldest first',
    description:
      'With the filters of the list. Each line has its sequence and its hashes of the chain; `audit verify --from-stream` proves an export of everything in JSON lines complete and unaltered. An act is there within a second, when a worker has chained it. An export that fails is broken off: the answer then has no end, and is not the whole. 409 while another one of the same subject runs.',
  })
  @ApiOkResponse({
    description: 'A line for each entry.',
    content: {
      'application/jsonl': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string', description: 'RFC 4180, with a head.' } },
    },
  })
  async export(@Query() { format = 'jsonl', ...filter }: AuditExportDto, @Res() response: Response): Promise<void> {
    const { id } = RequestContext.current()!.caller!;
    try {
      // each export reads the whole chain
      const isAlone = await this.locks.whileHeld(`audit export/${id}`, (lost) =>
        this.write(format, filter, response, lost),
      );
      if (!isAlone) throw new InterlockError('conflict', { message: 'Another export of yours is running.' });
      // whoever has read the end may begin another one
      response.end();
    } catch (error) {
      // nothing is sent yet: the error is the answer
      if (!response.headersSent) throw error;
      this.logger.error({ msg: 'an export of the audit log was broken off', err: error });
      // an answer that ends in good order would look whole
      response.destroy();
    }
  }

  private async write(format: ExportFormat, filter: AuditFilter, response: Response, lost: AbortSignal): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const begin = (): void => {
      response.setHeader('content-type', `${TYPES[format]}; charset=utf-8`);
      response.setHeader('content-disposition', `attachment; filename="audit.${format}"`);
      response.write(HEADS[format]);
    };
    for await (const line of this.chain.lines()) {
      if (response.destroyed) return;
      if (lost.aborted) throw new Error('the database ended the connection that keeps other exports away');
      if (!response.headersSent) begin();
      if (!isExported(line.entry, filter)) continue;
      const isTaken = response.write(format === 'csv' ? csvLine(line) : `${line.text}\n`);
      // leaves no listener behind, whichever comes first; a reader that is gone ends the loop above
      if (isTaken) continue;
      const stalled = setTimeout(() => response.destroy(), STALLED_MS);
      await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
      clearTimeout(stalled);
    }
    if (!response.headersSent) begin();
  }
}
