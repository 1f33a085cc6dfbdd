import { Global, Logger, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { context, propagation, trace } from '@opentelemetry/api';
import { AppConfig } from '../config/app-config';

const FLUSH_MS = 3_000;

/** Sends spans to OTEL_EXPORTER_OTLP_ENDPOINT. Without it nothing is recorded and nothing is sent. */
export class Tracing implements OnApplicationShutdown {
  private readonly logger = new Logger('tracing');

  private constructor(private readonly provider: { shutdown(): Promise<void> } | null) {}

  static async start({ otlpEndpoint, role }: AppConfig): Promise<Tracing> {
    return new Tracing(otlpEndpoint === null ? null : await startOtlp(otlpEndpoint, role));
  }

  /** What ended last is sent too, if the collector answers. */
  async onApplicationShutdown(): Promise<void> {
    if (!this.provider) return;
    try {
      await this.provider.shutdown();
    } catch (error) {
      this.logger.warn({ msg: 'the last spans were not sent', err: error });
    }
    trace.disable();
    context.disable();
    propagation.disable();
  }
}

async function startOtlp(endpoint: string, role: string): Promise<{ shutdown(): Promise<void> }> {
  // only where traces are sent: these are a ninth of all files that a start would load
  const [{ OTLPTraceExporter }, { resourceFromAttributes }, { BatchSpanProcessor, NodeTracerProvider }] =
    await Promise.all([
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/sdk-trace-node'),
    ]);
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: FLUSH_MS });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'interlock', 'interlock.role': role }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000 })],
  });
  provider.register();
  return provider;
}

@Global()
@Module({})
export class TracingModule {
  static forRoot(): DynamicModule {
    return {
      module: TracingModule,
      providers: [{ provide: Tracing, inject: [AppConfig], useFactory: (config: AppConfig) => Tracing.start(config) }],
    };
  }
}
