/** A body whose text cannot be decoded. The message completes „The provider’s answer …“. */
export class UnknownText extends Error {}

const CHARSET = /;\s*charset\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s;,]+))/i;
/** Bytes beyond ASCII contradict these: where there are any, they are UTF-8, or nothing that can be told. */
const ASCII = /^(us-?ascii|ascii|iso-?ir-6|ansi_x3\.4-19\d\d|iso_?646\.irv:1991|iso646-us|us|cp367|ibm367|csascii)$/;
/** What 0x80 to 0x9f are in windows-1252, and so in what is called ISO-8859-1: Node reads control characters there. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/**
 * A body as UTF-8 without a byte order mark, whatever it came in: its own mark counts first, then the declared charset,
 * then UTF-8. Throws UnknownText for a charset that nobody knows, and for bytes that the charset does not have. What is
 * called UTF-8 is not looked into here: `parseJsonBody` refuses it where it is none, so that in a list only its row is
 * refused.
 */
export function asUtf8(body: Buffer, contentType: string | undefined): Buffer {
  const marked = markOf(body);
  const label = marked ?? declaredIn(contentType);
  if (label === 'utf-8-with-mark') return body.subarray(3);
  const decoder = decoderOf(label === null || label === 'utf-16' ? withoutMark(body, label) : label);
  if (decoder.encoding === 'utf-8') return body;
  return Buffer.from(decoder.encoding === 'windows-1252' ? fromWindows1252(body) : textOf(body, decoder), 'utf8');
}

function markOf(body: Buffer): string | null {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8-with-mark';
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  return null;
}

/** JSON begins with a character of ASCII: of two bytes a character, one of the first two is zero. */
function withoutMark([first, second]: Buffer, label: 'utf-16' | null): string {
  if (first === 0) return 'utf-16be';
  return label === 'utf-16' || second === 0 ? 'utf-16le' : 'utf-8';
}

function declaredIn(contentType: string | undefined): string | null {
  const found = CHARSET.exec(contentType ?? '');
  const label = (found?.[1]?.replaceAll(/\\(.)/g, '$1') ?? found?.[2] ?? found?.[3] ?? '').trim().toLowerCase();
  if (label === '') return null;
  return ASCII.test(label) ? 'utf-8' : label;
}

function decoderOf(label: string): { readonly encoding: string; decode(body: Buffer): string } {
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    throw new UnknownText('is in a charset that is not known');
  }
}

function textOf(body: Buffer, decoder: { readonly encoding: string; decode(body: Buffer): string }): string {
  try {
    return decoder.decode(body);
  } catch {
    throw new UnknownText(`holds bytes that are no ${decoder.encoding.toUpperCase()}`);
  }
}

function fromWindows1252(body: Buffer): string {
  return body.toString('latin1').replaceAll(/[\x80-\x9f]/g, (byte) => WINDOWS_1252[byte.charCodeAt(0) - 0x80]!);
}
