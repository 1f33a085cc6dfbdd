import { type DynamicModule, Global, Injectable, Logger, Module, type OnApplicationShutdown } from '@nestjs/common';
import { context, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { AppConfig } from '../config/app-config';

const FLUSH_MS = 3_000;

/** Sends spans to OTEL_EXPORTER_OTLP_ENDPOINT. Without it nothing is recorded and nothing is sent. */
@Injectable()
export class Tracing implements OnApplicationShutdown {
  private readonly logger = new Logger('tracing');
  private readonly provider: NodeTracerProvider | null;

  constructor(config: AppConfig) {
    this.provider = config.otlpEndpoint === null ? null : start(config.otlpEndpoint, config.role);
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

function start(endpoint: string, role: string): NodeTracerProvider {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'interlock', 'interlock.role': role }),
    spanProcessors: [
      new BatchSpanProcessor(
        new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: FLUSH_MS }),
        { scheduledDelayMillis: 1_000 },
      ),
    ],
  });
  provider.register();
  return provider;
}

@Global()
@Module({})
export class TracingModule {
  static forRoot(): DynamicModule {
    return { module: TracingModule, providers: [Tracing] };
  }
}
