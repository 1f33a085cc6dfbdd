export { AppLogger } from './logger';
export { redact, redactText } from './redaction';
