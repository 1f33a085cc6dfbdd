/** `a=b;c=d`, whose form the schema has checked. */
export function pairsOf(text: string | undefined): [name: string, value: string][] {
  return (text?.split(';') ?? []).map((pair) => pair.split('=') as [string, string]);
}
