export { AppLogger, prettyOutput } from './logger';
export { redact, redactText } from './redaction';
