export { McpModule } from './mcp.module';
export { describeTools } from './http/describe-tools';
