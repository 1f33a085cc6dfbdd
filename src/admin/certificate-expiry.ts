import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export interface ExpiringCertificate {
  /** The variable that names its file. */
  readonly variable: string;
  readonly expiresAt: Date;
}

/**
 * Those of the files that end before `until`, or have ended: of each file the first to end. A file that cannot be read
 * is left out: what uses it says so.
 */
export async function expiringCertificates(
  files: Readonly<Record<string, string | null | undefined>>,
  until: Date,
): Promise<ExpiringCertificate[]> {
  const found: ExpiringCertificate[] = [];
  for (const [variable, file] of Object.entries(files)) {
    const ends = file ? (await readFile(file, 'utf8').catch(() => '')).match(BLOCK)?.map(endOf) : undefined;
    const first = ends?.sort((a, b) => a.getTime() - b.getTime())[0];
    if (first && first < until) found.push({ variable, expiresAt: first });
  }
  return found;
}

/** Of what is no certificate: never, for what uses it says so. */
function endOf(pem: string): Date {
  try {
    return new Date(new X509Certificate(pem).validTo);
  } catch {
    return new Date(8_640_000_000_000_000);
  }
}
