import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Operators, type Operator } from '../../operators';
import { AdminOperation, ChangesKeys, Reads, setAuditReason } from './admin-route';
import { ReasonDto } from './dto/admin-bodies.dto';
import { OperatorDto } from './dto/operations-answers.dto';

const ApiSubject = (): MethodDecorator =>
  ApiParam({
    name: 'subject',
    description: 'Of the operator’s tokens.',
    schema: { type: 'string', minLength: 1, maxLength: 255, example: 'oidc:00u1k2j3' },
  });

/** Who uses the admin API. */
@ApiTags('Admin tokens')
@Controller('admin/api/operators')
export class OperatorsController {
  constructor(private readonly operators: Operators) {}

  @Get()
  @Reads()
  @AdminOperation('adminListOperators', 'Who uses the admin API, the last seen first', {
    about: 'Each subject of a token that was used here, with its roles as they were then.',
    type: OperatorDto,
    description: 'At most 1,000.',
    list: 'whole',
  })
  async list(): Promise<{ data: Operator[] }> {
    return { data: await this.operators.list() };
  }

  @Post(':subject/disable')
  @HttpCode(200)
  @ChangesKeys()
  @ApiSubject()
  @AdminOperation('adminDisableOperator', 'Refuse an operator everywhere at once', {
    about: 'Ends every session, refuses every token of the subject and every later sign-in.',
    type: OperatorDto,
    description: 'Refused by every process within 20 seconds, mostly within milliseconds.',
  })
  async disable(@Param('subject') subject: string, @Body() body: ReasonDto): Promise<{ data: Operator }> {
    setAuditReason(body.reason);
    return { data: await this.operators.disable(subject) };
  }

  @Post(':subject/enable')
  @HttpCode(200)
  @ChangesKeys()
  @ApiSubject()
  @AdminOperation('adminEnableOperator', 'Let a disabled operator in again', {
    about: 'Tokens that have not expired are good again.',
    type: OperatorDto,
    description: 'The operator may sign in.',
  })
  async enable(@Param('subject') subject: string, @Body() body: ReasonDto): Promise<{ data: Operator }> {
    setAuditReason(body.reason);
    return { data: await this.operators.enable(subject) };
  }
}
