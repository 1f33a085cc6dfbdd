export { currentTraceParent, inSpan } from './spans';
export { traceRequest } from './trace-request';
export { TracingModule } from './tracing.module';
