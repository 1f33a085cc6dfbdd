import { once } from 'node:events';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AuditVerifier } from '../../audit';
import { CSV_HEAD, csvLine, isExported } from '../audit-export';
import { Reads } from './admin-route';
import { AuditExportDto } from './dto/admin-queries.dto';

const TYPES = { jsonl: 'application/jsonl', csv: 'text/csv' } as const;

@ApiTags('Operations')
@Controller('admin/api/audit')
export class AuditExportController {
  constructor(private readonly chain: AuditVerifier) {}

  @Get('export')
  @Reads()
  @ApiOperation({
    operationId: 'adminExportAudit',
    summary: 'The audit log as a file, oldest first',
    description:
      'With the filters of the list. Each line has its sequence and its hashes of the chain; `audit verify --from-stream` proves an export of everything in JSON lines complete and unaltered. An act is there within a second, when a worker has chained it.',
  })
  @ApiOkResponse({
    description: 'A line for each entry.',
    content: {
      'application/jsonl': { schema: { type: 'string' } },
      'text/csv': { schema: { type: 'string', description: 'RFC 4180, with a head.' } },
    },
  })
  async export(@Query() { format = 'jsonl', ...filter }: AuditExportDto, @Res() response: Response): Promise<void> {
    response.setHeader('content-type', `${TYPES[format]}; charset=utf-8`);
    response.setHeader('content-disposition', `attachment; filename="audit.${format}"`);
    if (format === 'csv') response.write(CSV_HEAD);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    for await (const line of this.chain.lines()) {
      if (response.destroyed) return;
      if (!isExported(line.entry, filter)) continue;
      const isTaken = response.write(format === 'csv' ? csvLine(line) : `${line.text}\n`);
      // leaves no listener behind, whichever comes first; a reader that is gone ends the loop above
      if (!isTaken) await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    }
    response.end();
  }
}
