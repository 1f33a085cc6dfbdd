/** Whether it has come to a good end within so many milliseconds. What comes of it later, nobody hears. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => (timer = setTimeout(resolve, ms, false)));
  const ended = work.then(
    () => true,
    () => false,
  );
  return Promise.race([ended, tooLate]).finally(() => clearTimeout(timer));
}
