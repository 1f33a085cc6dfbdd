/** Expects an answer of this status and code, and gives its body. */
export async function refused(
  answer: PromiseLike<{ status: number; body: any }>,
  status: number,
  code: string,
): Promise<any> {
  const { status: was, body } = await answer;
  expect({ status: was, code: body.code }).toEqual({ status, code });
  return body;
}

export function expectError(
  answer: { status: number; body: any },
  status: number,
  code: string,
  message?: string,
): void {
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  if (message !== undefined) expect(answer.body.error).toBe(message);
}
