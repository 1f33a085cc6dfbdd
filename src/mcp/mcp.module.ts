import { Module } from '@nestjs/common';
import { AuditModule } from '../audit';
import { AuthModule } from '../auth';
import { OwnApi } from './adapters/own-api';
import { McpController } from './http/mcp.controller';
import { McpEndpoint } from './mcp-endpoint';
import { ToolService } from './tool-service';

@Module({
  imports: [AuditModule, AuthModule],
  controllers: [McpController],
  providers: [OwnApi, ToolService, McpEndpoint],
})
export class McpModule {}
