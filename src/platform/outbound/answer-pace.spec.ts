import { AnswerPaces } from './answer-pace';

const MB = 1024 * 1024;

describe('the pace of large answers', () => {
  let now = 0;
  const paces = () => new AnswerPaces(() => now);
  const waitOf = async (pace: ReturnType<AnswerPaces['of']>) => {
    let waited = 0;
    await pace.wait(async (ms) => void (waited = ms));
    return waited;
  };
  beforeEach(() => (now = 1_000_000));

  it('lets owners of ordinary pages go on at once, whatever others take', async () => {
    const all = paces();
    for (let answer = 0; answer < 100; answer++) all.of('large').took(8 * MB);
    for (let answer = 0; answer < 100; answer++) all.of('small').took(MB - 1);
    expect(await waitOf(all.of('small'))).toBe(0);
  });

  it('is one for all owners of large ones, in the order in which they took them', async () => {
    const all = paces();
    all.of('first').took(8 * MB);
    all.of('second').took(4 * MB);
    expect([await waitOf(all.of('first')), await waitOf(all.of('second'))]).toEqual([4_096, 6_144]);
    now += 4_096;
    expect([await waitOf(all.of('first')), await waitOf(all.of('second'))]).toEqual([0, 2_048]);
  });

  it('keeps nobody longer than half a minute', async () => {
    const all = paces();
    for (let answer = 0; answer < 100; answer++) all.of(`large-${answer}`).took(8 * MB);
    expect(await waitOf(all.of('large-99'))).toBe(30_000);
  });
});
