import request from 'supertest';
import type { Finding } from '../../src/admin/finding';
import type { FindingCode } from '../../src/admin/finding-kinds';
import type { adminOf } from './admin';
import { eventually } from './eventually';

const READING_MS = 250;

/** What is read of the overview. */
export interface ShownOverview {
  readonly findings: Finding[];
  readonly headline: { readonly level: string };
}

/** Read after the call: one reading serves all who ask within a second. */
export async function freshOverview(viewer: Awaited<ReturnType<typeof adminOf>>): Promise<Record<string, any>> {
  const begunAt = Date.now();
  let overview: Record<string, any> = {};
  await eventually(async () => {
    overview = (await viewer('get', '/overview').expect(200)).body.data;
    // a reading takes less than this long
    expect(Date.parse(overview['generatedAt'])).toBeGreaterThan(begunAt + READING_MS);
  });
  return overview;
}

/** The overview says since when and what next, is not in step, and the metric counts it. */
export async function expectShown(
  { findings, headline }: ShownOverview,
  code: FindingCode,
  url: string,
): Promise<void> {
  const finding = findings.find((each) => each.code === code);
  expect(finding).toMatchObject({
    since: expect.stringMatching(/^\d{4}-.*Z$/),
    next: expect.stringMatching(/\S/),
  });
  if (finding!.severity !== 'info') expect(headline.level).not.toBe('ok');
  const { text } = await request(url).get('/metrics').expect(200);
  expect(text).toMatch(new RegExp(`^interlock_findings\\{code="${code}",environment="\\w+"\\} [1-9]`, 'm'));
}
