import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const ofRfc = addFormats(new Ajv()).formats['uri'] as (text: string) => boolean;

/** Whether a text is an absolute URI as RFC 3986 writes it, and one that `URL` reads: what `format: uri` promises. */
export function isUri(text: string): boolean {
  return ofRfc(text) && URL.canParse(text);
}
